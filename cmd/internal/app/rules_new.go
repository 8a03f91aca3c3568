package app

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/opengpu-network/templates/pkg/finding"
	"github.com/opengpu-network/templates/pkg/policy"
	"github.com/opengpu-network/templates/pkg/policy/scaffold"
	"github.com/urfave/cli/v2"
)

func rulesNewCommand(world World) *cli.Command {
	command := &cli.Command{
		Name:      "new",
		Usage:     "start a new rule, with tests that say what to fill in",
		ArgsUsage: "CATEGORY/NAME",
		Description: "Writes the rule with its metadata, its unit tests, and a case of the whole\n" +
			"program into the clone of this repository that the command is run in. With\n" +
			"--policies it writes the rule and its unit tests into that folder, as a rule of\n" +
			"your own. The tests fail until you say what the rule is about.\n\n" +
			"Examples:\n" +
			"  ogpu-tpl rules new contract/my-rule\n" +
			"  ogpu-tpl rules new trust/my-rule --severity error --title \"What is wrong\"\n" +
			"  ogpu-tpl rules new custom/my-rule --policies my-policies",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "title", Usage: "what is wrong, in a few words"},
			&cli.StringFlag{Name: "severity", Value: finding.Warning.String(), Usage: "the `SEVERITY`: error, warning or notice; an error cannot be waived unless you change that"},
			&cli.StringFlag{Name: "subject", Usage: "the `SUBJECT`: compose (each compose file) or template (the manifest and the folder)", DefaultText: "template in catalog, compose elsewhere"},
			&cli.BoolFlag{Name: "new-category", Usage: "begin a category"},
			&cli.StringFlag{Name: "policies", Usage: "write a rule of your own into `DIR`"},
		},
		OnUsageError: onUsageError,
		Action:       func(c *cli.Context) error { return runRulesNew(c, world) },
	}
	command.CustomHelpTemplate = helpTemplate(command)
	return command
}

func runRulesNew(c *cli.Context, world World) error {
	if c.NArg() != 1 {
		return Usagef("give the new rule's category and name, such as contract/my-rule; see ogpu-tpl rules new --help")
	}
	opts, err := newRule(c)
	if err != nil {
		return err
	}
	id := opts.Category + "/" + opts.Name
	var made scaffold.Files
	if dir := ownPolicies(c); dir != "" {
		if !isDir(dir) {
			return Usagef("--policies %s: there is no such folder: make it first", dir)
		}
		made, err = scaffold.Own(dir, opts)
	} else if opts.Category == scaffold.Custom {
		return Usagef("a rule of your own needs its folder: ogpu-tpl rules new %s --policies DIR", id)
	} else {
		root, findErr := policyRepository()
		if findErr != nil {
			return findErr
		}
		made, err = scaffold.BuiltIn(root, opts)
	}
	if errors.Is(err, scaffold.ErrUsage) {
		return usageError{err}
	} else if err != nil {
		return err
	}
	if made.Case == "" {
		nextForOwn(world, opts, made)
	} else {
		nextForBuiltIn(world, opts, made)
	}
	return nil
}

func newRule(c *cli.Context) (scaffold.Options, error) {
	argument := c.Args().First()
	category, name, ok := strings.Cut(argument, "/")
	if !ok {
		return scaffold.Options{}, Usagef("%q is no rule: give its category and its name, such as contract/%s", argument, argument)
	}
	severity, err := finding.ParseSeverity(c.String("severity"))
	if err != nil {
		return scaffold.Options{}, Usagef("--severity: %w", err)
	}
	opts := scaffold.Options{
		Category: category, Name: name, Title: c.String("title"), Severity: severity, Waivable: severity != finding.Error,
		Subject: policy.Compose, NewCategory: c.Bool("new-category"),
	}
	if category == "catalog" {
		opts.Subject = policy.Template
	}
	if subject := c.String("subject"); subject != "" {
		opts.Subject = policy.Subject(subject)
	}
	return opts, nil
}

// ownPolicies is --policies, of this command or of the one above it.
func ownPolicies(c *cli.Context) string {
	for _, context := range c.Lineage() {
		if dir := context.String("policies"); dir != "" {
			return dir
		}
	}
	return ""
}

// policyRepository is the nearest folder, here or above, that has the built-in rules
// and their cases.
func policyRepository() (string, error) {
	here, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir, up := here, "."; ; dir, up = filepath.Dir(dir), filepath.Join(up, "..") {
		if isDir(filepath.Join(dir, "policies", "lib")) && isDir(filepath.Join(dir, filepath.FromSlash(scaffold.CaseDir))) {
			return up, nil
		}
		if dir == filepath.Dir(dir) {
			return "", Usagef("this is no clone of ogpu-tpl's repository: go to one, or write a rule of your own with --policies DIR")
		}
	}
}

func nextForBuiltIn(world World, opts scaffold.Options, made scaffold.Files) {
	test := "TestLintFinds/^" + filepath.Base(made.Case) + "$"
	printf(world.Out, "Made %s and %s. Next, from the repository's root:\n"+
		"  1. See what is red:\n"+
		"       go test ./pkg/policy -run 'TestRego$'\n"+
		"       go test ./cmd/ogpu-tpl -run '%s|TestNoRuleSaysTODO'\n"+
		"  2. Fill in what says TODO: %s.rego, %s_test.rego and the case.\n"+
		"     docs/policies.md says what a rule sees.\n"+
		"  3. Write what is found as what is expected, and the documents. Read the difference:\n"+
		"       go test ./cmd/ogpu-tpl -run '%s|TestRulesDocument|TestDocuments' -update\n"+
		"       git diff\n"+
		"  4. See that all is green:\n"+
		"       go test ./pkg/policy\n"+
		"       go test ./cmd/ogpu-tpl -run '%s|TestLintIsSilent|Rule|TestCatalogIsClean|TestDocuments'\n",
		made.Dir, made.Case, test, opts.Name, opts.Name, test, test)
}

func nextForOwn(world World, opts scaffold.Options, made scaffold.Files) {
	dir := filepath.Dir(made.Dir)
	printf(world.Out, "Made %s. Next:\n"+
		"  1. See what is red, with OPA's own program:\n"+
		"       opa test %s\n"+
		"  2. Fill in what says TODO: %s.rego and %s_test.rego.\n"+
		"  3. See that it is green, and what the rule finds in your catalog:\n"+
		"       opa test %s\n"+
		"       ogpu-tpl lint --policies %s --only %s/%s\n",
		made.Dir, dir, opts.Name, opts.Name, dir, dir, opts.Category, opts.Name)
}
