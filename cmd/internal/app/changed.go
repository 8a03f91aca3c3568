package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/change"
	"github.com/opengpu-network/templates/pkg/document"
	"github.com/opengpu-network/templates/pkg/report"
	"github.com/urfave/cli/v2"
)

// maxJobs is how many jobs GitHub makes of one matrix.
const maxJobs = 256

// gitLimit is how long Git and comparing files may take.
const gitLimit = 5 * time.Minute

func changedFormats() []string { return []string{"text", "json", "matrix"} }

func changedCommand(world World) *cli.Command {
	return &cli.Command{
		Name:      "changed",
		Usage:     "list the templates that a change touches",
		ArgsUsage: " ",
		Description: "Compares the files as they lie here, committed or not, with the commit at which\n" +
			"the change parted from REF. A change of the policies or of the tool touches all\n" +
			"templates.\n\n" +
			"Examples:\n" +
			"  ogpu-tpl changed --since origin/main\n" +
			"  ogpu-tpl changed --since origin/main --format matrix",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "since", Usage: "the `REF` that the change is for: a branch, a tag or a commit"},
			TemplatesFlag(),
			PoliciesFlag(),
			&cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: "text", Usage: "the `FORMAT`: text, json, or matrix for GitHub's jobs"},
		},
		Action: func(c *cli.Context) error { return runChanged(c, world) },
	}
}

// changedTemplate is a template for machines.
type changedTemplate struct {
	change.Template
	// Environments are those that it has now.
	Environments []string `json:"environments"`
}

func runChanged(c *cli.Context, world World) error {
	format := c.String("format")
	switch {
	case c.NArg() > 0:
		return Usagef("changed takes no argument: say what the change is for with --since REF")
	case !slices.Contains(changedFormats(), format):
		return Usagef("unknown format %q: use %s%s", format, OneOf(changedFormats()), document.Suggest(format, changedFormats()))
	case !c.IsSet("since"):
		return Usagef("say what the change is for: --since REF, such as --since origin/main")
	}
	dir, err := TemplatesDir(c)
	if err != nil {
		return err
	}
	set, err := findChange(c, dir, c.String("since"))
	if err != nil {
		return err
	}
	if format == "text" {
		return printChanged(world.Out, c.String("since"), set)
	}
	templates := make([]changedTemplate, 0, len(set.Templates))
	for _, t := range set.Templates {
		environments, err := environmentsOf(dir, t)
		if err != nil {
			return err
		}
		templates = append(templates, changedTemplate{t, environments})
	}
	if format == "matrix" {
		return writeMatrix(world.Out, templates)
	}
	return WriteJSON(world.Out, struct {
		Since     string            `json:"since"`
		Base      string            `json:"base"`
		Head      string            `json:"head"`
		Shared    []string          `json:"shared"`
		Templates []changedTemplate `json:"templates"`
	}{c.String("since"), set.Base, set.Head, set.Shared, templates})
}

// findChange finds what a change touches in the catalog of the folder dir.
func findChange(c *cli.Context, dir, since string) (*change.Set, error) {
	ctx, cancel := context.WithTimeout(c.Context, gitLimit)
	defer cancel()
	options := change.Options{Templates: dir, Since: since}
	if policies := c.String("policies"); policies != "" {
		options.Shared = append(options.Shared, policies)
	}
	set, err := change.Find(ctx, options)
	if err != nil {
		return nil, fmt.Errorf("what has changed cannot be told: %w", err)
	}
	return set, nil
}

// environmentsOf lists what a template says that it supports, and what it has
// compose files for. One that is gone has none.
func environmentsOf(dir string, t change.Template) ([]string, error) {
	names := []string{}
	if t.Status == change.Removed {
		return names, nil
	}
	opened, _, err := catalog.Open(filepath.Join(dir, t.Name), t.Name)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	for _, environment := range catalog.AllEnvironments() {
		if opened.Manifest.Environments.Get(environment) != nil || slices.Contains(opened.Environments(), environment) {
			names = append(names, environment.String())
		}
	}
	return names, nil
}

// templateName is what a template's name must be before it may go into a job: jobs
// put it into shells.
var templateName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// writeMatrix writes, in one line, the jobs for GitHub: one for each template and
// environment.
func writeMatrix(w io.Writer, templates []changedTemplate) error {
	type job struct {
		Template    string `json:"template"`
		Environment string `json:"environment"`
	}
	jobs := []job{}
	for _, t := range templates {
		if t.Status == change.Removed {
			continue
		}
		if !templateName.MatchString(t.Name) || len(t.Name) > 60 {
			return fmt.Errorf("%.80q is no name for a template, and must not get into a job: see ogpu-tpl lint", t.Name)
		}
		if len(t.Environments) == 0 {
			return fmt.Errorf("the template %s has no environment, so that no job would try it: see ogpu-tpl lint", t.Name)
		}
		for _, environment := range t.Environments {
			jobs = append(jobs, job{t.Name, environment})
		}
	}
	if len(jobs) > maxJobs {
		return fmt.Errorf("%d jobs are more than the %d that GitHub makes of a matrix", len(jobs), maxJobs)
	}
	return json.NewEncoder(w).Encode(map[string]any{"include": jobs})
}

// printChanged tells people what is touched, and why.
func printChanged(w io.Writer, since string, set *change.Set) error {
	if len(set.Templates) == 0 {
		printf(w, "No template is touched since %s (%.12s).\n", report.Escape(since), set.Base)
		return nil
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "TEMPLATE\tSTATUS\tWHY")
	for _, t := range set.Templates {
		why := ""
		switch t.Status {
		case change.Shared:
			why = some(set.Shared)
		case change.Renamed:
			why = "was " + report.Escape(t.Old)
		case change.Changed:
			why = some(t.Files)
		}
		if t.Moved != "" {
			why = strings.TrimPrefix(why+"; was in "+report.Escape(t.Moved), "; ")
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", report.Escape(t.Name), t.Status, why)
	}
	return table.Flush()
}

// some names the first files of a list.
func some(files []string) string {
	const most = 3
	shown := make([]string, 0, most)
	for _, name := range files[:min(most, len(files))] {
		shown = append(shown, report.Escape(name))
	}
	text := strings.Join(shown, ", ")
	if more := len(files) - len(shown); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
