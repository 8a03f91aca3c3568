package app

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/document"
	"github.com/opengpu-network/templates/pkg/finding"
	"github.com/opengpu-network/templates/pkg/lint"
	"github.com/opengpu-network/templates/pkg/policy"
	"github.com/opengpu-network/templates/pkg/report"
	"github.com/urfave/cli/v2"
)

func lintCommand(world World, full Full) *cli.Command {
	return &cli.Command{
		Name:      "lint",
		Usage:     "check templates, compose files or sources on a chain against the policies",
		ArgsUsage: "[TARGET…]",
		Description: "A target is a template's name, its folder, or a compose file. No target is the\n" +
			"whole catalog. A compose file of a template is checked with its manifest; any\n" +
			"other is a custom source, for which the rules about manifests rest. An address\n" +
			"is a source on a chain, whoever published it: what it names is fetched and\n" +
			"checked, and what can change after a provider registered is said first.\n\n" +
			"Examples:\n" +
			"  ogpu-tpl lint\n" +
			"  ogpu-tpl lint ollama --format json\n" +
			"  ogpu-tpl lint docker-compose.yml --environment nvidia\n" +
			"  ogpu-tpl lint --only trust --fail-on error\n" +
			"  ogpu-tpl lint --changed-since origin/main\n" +
			"  ogpu-tpl lint 0x5FbDB2315678afecb367f032d93F642f64180aa3 --network mainnet",
		Flags: slices.Concat([]cli.Flag{
			TemplatesFlag(),
			PoliciesFlag(),
			&cli.StringFlag{Name: "environment", Aliases: []string{"e"}, Usage: "the `ENVIRONMENT` of a custom source: " + OneOf(catalog.EnvironmentNames()) + "; inferred unless said"},
			&cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: "text", Usage: "the report's `FORMAT`: " + OneOf(report.Formats())},
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write the report to `FILE`"},
			&cli.StringFlag{Name: "fail-on", Value: "warning", Usage: "exit with 1 from this `SEVERITY` on: error, warning or notice"},
			&cli.StringSliceFlag{Name: "only", Usage: "check these `RULES` or categories only"},
			&cli.StringSliceFlag{Name: "skip", Usage: "leave out these `RULES` or categories"},
			&cli.BoolFlag{Name: "no-color", Usage: "never colour the report"},
			changedSinceFlag(),
		}, NetworkFlags()),
		Action: func(c *cli.Context) error { return runLint(c, world, full) },
	}
}

func runLint(c *cli.Context, world World, full Full) error {
	if !slices.Contains(report.Formats(), c.String("format")) {
		return Usagef("unknown format %q: use %s%s", c.String("format"), OneOf(report.Formats()), document.Suggest(c.String("format"), report.Formats()))
	}
	failOn, err := finding.ParseSeverity(c.String("fail-on"))
	if err != nil {
		return Usagef("--fail-on: %w", err)
	}
	linter := &lint.Linter{Today: world.Now(), Also: released}
	if name := c.String("environment"); name != "" {
		if linter.Environment, err = catalog.ParseEnvironment(name); err != nil {
			return Usagef("--environment: %w", err)
		}
	}
	set, err := LoadPolicies(c.String("policies"))
	if err != nil {
		return err
	}
	rules := set.Rules()
	selected, skipped, err := selection(rules, List(c, "only"), List(c, "skip"))
	if err != nil {
		return err
	}
	sources, others, err := inspectingOf(c, world, full)
	if err != nil {
		return err
	}
	since, err := changedOf(c, world)
	if err != nil {
		return err
	}
	var targets []lint.Target
	if since != nil {
		targets = since.targets()
	} else if targets, err = localTargets(c, others, sources.any()); err != nil {
		return err
	}
	linter.Policies, linter.Selected = set, selected
	if err := set.Compile(c.Context, selected); err != nil {
		return err
	}
	// What could not be judged keeps nobody from reading of the rest.
	var failures []error
	result, err := linter.Run(c.Context, targets)
	if failed := (*lint.Failure)(nil); errors.As(err, &failed) && (len(targets) > len(failed.Errs) || sources.any()) {
		failures = append(failures, failed)
	} else if err != nil {
		return err
	}
	if since != nil || c.NArg() == 0 {
		templates, err := TemplatesDir(c)
		if err != nil {
			return err
		}
		if err := notes(linter, templates, targets, &result); err != nil {
			return err
		}
	}
	failed, err := sources.run(c, linter, &result)
	if err != nil {
		return errors.Join(append(failures, err)...)
	}
	failures = append(failures, failed...)
	if err := since.run(c.Context, linter, &result); err != nil {
		return err
	}
	var inForce []report.Rule
	for _, rule := range rules {
		if selected(rule.ID) && sources.inForce(rule.ID) && since.inForce(rule.ID) {
			inForce = append(inForce, describe(rule))
		}
	}
	var out bytes.Buffer
	if c.String("format") == "text" {
		sources.print(&out)
	}
	err = report.Write(&out, report.Result{
		Findings:   result.Findings,
		Rules:      inForce,
		Checked:    report.Checked{Templates: result.Templates, Files: result.Files, Rules: len(inForce)},
		Skipped:    skipped,
		Registries: addedRegistries(set),
		Source:     sources.text,
		Version:    Version(),
	}, report.Options{Format: c.String("format"), Color: c.String("output") == "" && Colored(c, world), Width: Width(world)})
	if err != nil {
		return err
	}
	if err := Deliver(c.String("output"), world.Out, out.Bytes()); err != nil {
		return err
	}
	if len(failures) > 0 {
		return errors.Join(failures...)
	}
	if worst := finding.Worst(result.Findings); worst >= failOn {
		return ErrFindings
	}
	return nil
}

// localTargets are the templates and files among the arguments: the whole catalog
// when there is none and no source on a chain either.
func localTargets(c *cli.Context, args []string, sources bool) ([]lint.Target, error) {
	if len(args) == 0 && sources {
		return nil, nil
	}
	templates, err := TemplatesDir(c)
	if err != nil && len(args) == 0 {
		return nil, err
	}
	targets, err := lint.Targets(templates, args)
	if errors.Is(err, lint.ErrNoTarget) {
		return nil, usageError{err}
	}
	return targets, err
}

// selection turns --only and --skip into a filter, and says what it leaves
// out. The syntax rules always apply: what cannot be read cannot be judged.
func selection(rules []policy.Rule, only, skip []string) (selected func(string) bool, left []string, err error) {
	known := map[string]bool{}
	var names []string
	for _, rule := range rules {
		for _, name := range []string{rule.Category, rule.ID} {
			if !known[name] {
				known[name] = true
				names = append(names, name)
			}
		}
	}
	for _, name := range slices.Concat(only, skip) {
		if !known[name] {
			return nil, nil, Usagef("unknown rule or category %q%s", name, document.Suggest(name, names))
		}
	}
	for _, name := range skip {
		if always(name) {
			return nil, nil, Usagef("%s cannot be skipped: what cannot be read cannot be judged", name)
		}
	}
	match := func(list []string, id string) bool {
		category, _, _ := strings.Cut(id, "/")
		return slices.Contains(list, id) || slices.Contains(list, category)
	}
	selected = func(id string) bool {
		return always(id) || (len(only) == 0 || match(only, id)) && !match(skip, id)
	}
	if !slices.ContainsFunc(rules, func(r policy.Rule) bool {
		return selected(r.ID) && (!always(r.ID) || len(only) > 0 && match(only, r.ID))
	}) {
		return nil, nil, Usagef("--only and --skip leave no rule to check")
	}
	left = slices.Clone(skip)
	if len(only) > 0 {
		left = append(left, "all but "+strings.Join(only, ", "))
	}
	return selected, left, nil
}

func always(id string) bool {
	return id == "syntax" || strings.HasPrefix(id, "syntax/") || id == lint.RuleUnreadable
}
