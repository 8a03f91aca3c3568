package app

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/opengpu-network/templates/pkg/document"
	"github.com/opengpu-network/templates/pkg/policy"
	"github.com/opengpu-network/templates/pkg/report"
	"github.com/urfave/cli/v2"
)

func rulesCommand(world World) *cli.Command {
	return &cli.Command{
		Name:      "rules",
		Usage:     "list the rules, explain one, or start a new one",
		ArgsUsage: "[RULE]",
		Description: "Examples:\n" +
			"  ogpu-tpl rules\n" +
			"  ogpu-tpl rules trust/privileged\n" +
			"  ogpu-tpl rules new contract/my-rule   # see ogpu-tpl rules new --help",
		Flags: []cli.Flag{
			PoliciesFlag(),
			&cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: "text", Usage: "the `FORMAT`: text, json or markdown"},
		},
		Subcommands: []*cli.Command{rulesNewCommand(world)},
		Action:      func(c *cli.Context) error { return runRules(c, world) },
	}
}

func runRules(c *cli.Context, world World) error {
	set, err := LoadPolicies(c.String("policies"))
	if err != nil {
		return err
	}
	rules := set.Rules()
	if c.NArg() > 1 {
		return Usagef("give one rule; see ogpu-tpl rules --help")
	}
	if id := c.Args().First(); id != "" {
		rule, ok := set.Rule(id)
		if !ok {
			var known []string
			for _, r := range rules {
				known = append(known, r.ID)
			}
			return Usagef("there is no rule %q%s", id, document.Suggest(id, known))
		}
		rules = []policy.Rule{rule}
	}
	switch format := c.String("format"); {
	case format == "json":
		described := make([]any, 0, len(rules))
		for _, rule := range rules {
			described = append(described, ruleJSON(rule))
		}
		return WriteJSON(world.Out, described)
	case format == "markdown":
		rulesMarkdown(world.Out, rules)
		return nil
	case format != "text":
		return Usagef("unknown format %q: use text, json or markdown", format)
	case c.NArg() == 1:
		explain(world.Out, rules[0])
		return nil
	}
	table := tabwriter.NewWriter(world.Out, 0, 0, 2, ' ', 0)
	for _, rule := range rules {
		fmt.Fprintf(table, "%s\t%s\t%s\n", rule.ID, rule.Severity, rule.Title)
	}
	return table.Flush()
}

func ruleJSON(rule policy.Rule) map[string]any {
	references := make([]any, 0, len(rule.References))
	for _, r := range rule.References {
		references = append(references, map[string]any{"title": r.Title, "url": r.URL})
	}
	return map[string]any{
		"id": rule.ID, "title": rule.Title, "description": rule.Description, "severity": rule.Severity,
		"waivable": rule.Waivable, "subject": rule.Subject, "remediation": rule.Remediation, "references": references,
	}
}

// explain prints a rule's page.
func explain(w io.Writer, rule policy.Rule) {
	fmt.Fprintf(w, "%s: %s\n\n", rule.ID, rule.Title)
	paragraph := func(text string) {
		for _, line := range report.Wrap(text, pageWidth, pageWidth) {
			fmt.Fprintln(w, line)
		}
		fmt.Fprintln(w)
	}
	paragraph(rule.Description)
	fmt.Fprintln(w, "How to fix it")
	paragraph(rule.Remediation)
	fmt.Fprintf(w, "Severity    %s\nWaivable    %s\n", rule.Severity, waivable(rule))
	for i, r := range rule.References {
		label := ""
		if i == 0 {
			label = "See"
		}
		fmt.Fprintf(w, "%-11s %s\n%-11s %s\n", label, r.Title, "", r.URL)
	}
}

func waivable(rule policy.Rule) string {
	if rule.Waivable {
		return "yes, with a reason and an expiry date in the manifest"
	}
	return "no"
}

// rulesMarkdown writes policies/README.md.
func rulesMarkdown(w io.Writer, rules []policy.Rule) {
	fmt.Fprint(w, "# The rules\n\n"+
		"This page is generated: `make generate` writes it from the rules' own metadata.\n"+
		"`ogpu-tpl rules RULE` shows the same in a terminal. How to write a rule is in\n[docs/policies.md](../docs/policies.md).\n\n"+
		"Clean means no unwaived warning or error. The rules of `syntax` are checked while\nfiles are read, and always apply.\n")
	category := ""
	for _, rule := range rules {
		if rule.Category != category {
			category = rule.Category
			fmt.Fprintf(w, "\n## %s\n\n| rule | severity | waivable | what it is about |\n| --- | --- | --- | --- |\n", category)
			for _, r := range rules {
				if r.Category == category {
					yes := map[bool]string{true: "yes", false: "no"}[r.Waivable]
					fmt.Fprintf(w, "| [%s](#%s) | %s | %s | %s |\n", r.ID, strings.ReplaceAll(r.ID, "/", ""), r.Severity, yes, cell(r.Title))
				}
			}
		}
		fmt.Fprintf(w, "\n### %s\n\n**%s.** %s\n\n*Fix:* %s\n", rule.ID, rule.Title, oneLine(rule.Description), oneLine(rule.Remediation))
		for i, r := range rule.References {
			if i == 0 {
				fmt.Fprintln(w)
			}
			fmt.Fprintf(w, "- [%s](%s)\n", r.Title, r.URL)
		}
	}
}

func cell(text string) string { return strings.ReplaceAll(oneLine(text), "|", `\|`) }

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
