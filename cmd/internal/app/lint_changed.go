package app

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/opengpu-network/templates/pkg/bump"
	"github.com/opengpu-network/templates/pkg/change"
	"github.com/opengpu-network/templates/pkg/finding"
	"github.com/opengpu-network/templates/pkg/lint"
	"github.com/opengpu-network/templates/pkg/report"
	"github.com/urfave/cli/v2"
)

func changedSinceFlag() cli.Flag {
	return &cli.StringFlag{Name: "changed-since", Usage: "check the templates that differ from `REF`, and that their versions have risen enough"}
}

// changed is what lint is asked about with --changed-since; nil without it.
type changed struct {
	since, dir string
	set        *change.Set
	// notes is for what no rule is about.
	notes io.Writer
}

// changedOf finds what has changed, when that is asked for.
func changedOf(c *cli.Context, world World) (*changed, error) {
	if !c.IsSet("changed-since") {
		only := List(c, "only")
		for _, name := range only {
			if !isVersionRule(name) {
				return nil, nil
			}
		}
		if len(only) > 0 {
			return nil, Usagef("the rules of %s compare two versions: say with which one by --changed-since", bump.Category)
		}
		return nil, nil
	}
	if c.NArg() > 0 {
		return nil, Usagef("--changed-since finds the templates itself: leave out %q", c.Args().First())
	}
	dir, err := TemplatesDir(c)
	if err != nil {
		return nil, err
	}
	set, err := findChange(c, dir, c.String("changed-since"))
	if err != nil {
		return nil, err
	}
	d := &changed{c.String("changed-since"), dir, set, world.Err}
	d.tell(world)
	return d, nil
}

func isVersionRule(name string) bool {
	return name == bump.Category || strings.HasPrefix(name, bump.Category+"/")
}

// inForce are the rules that a report is about: those about versions only when
// versions are compared.
func (d *changed) inForce(id string) bool { return d != nil || !isVersionRule(id) }

// tell says what the report does not: what is gone, and why all is looked at, or
// nothing.
func (d *changed) tell(world World) {
	touched := 0
	for _, t := range d.set.Templates {
		switch t.Status {
		case change.Removed:
			printf(world.Err, "ogpu-tpl: the template %s is removed\n", report.Escape(t.Name))
			continue
		case change.Renamed:
			printf(world.Err, "ogpu-tpl: the template %s is %s under another name\n", report.Escape(t.Name), report.Escape(t.Old))
		}
		if t.Moved != "" {
			printf(world.Err, "ogpu-tpl: the template %s was in %s\n", report.Escape(t.Name), report.Escape(t.Moved))
		}
		touched++
	}
	if len(d.set.Shared) > 0 {
		printf(world.Err, "ogpu-tpl: all templates depend on what differs from %s: %s\n", report.Escape(d.since), some(d.set.Shared))
	}
	if touched == 0 && len(d.set.Noted()) == 0 {
		printf(world.Err, "ogpu-tpl: no template is touched since %s (%.12s): there is nothing to check\n", report.Escape(d.since), d.set.Base)
	}
}

// targets are the templates to lint.
func (d *changed) targets() []lint.Target {
	var targets []lint.Target
	for _, t := range d.set.Templates {
		if t.Status != change.Removed {
			dir := filepath.Join(d.dir, t.Name)
			targets = append(targets, lint.Target{Dir: dir, Display: dir})
		}
	}
	return targets
}

// run compares the versions of the templates whose own files differ, and the notes of
// what was released that do. What comes of it is in addition to the result.
func (d *changed) run(ctx context.Context, linter *lint.Linter, result *lint.Result) error {
	if d == nil {
		return nil
	}
	before := len(result.Findings)
	for _, t := range d.set.Templates {
		if t.Status == change.Removed || t.Status == change.Shared {
			continue
		}
		found, err := d.compare(ctx, t)
		if err != nil {
			return err
		}
		for _, f := range found {
			if linter.Selected != nil && !linter.Selected(f.Rule) {
				continue
			}
			f.Severity = finding.Error
			if rule, ok := linter.Policies.Rule(f.Rule); ok {
				f.Severity, f.Remediation = rule.Severity, rule.Remediation
			}
			result.Findings = append(result.Findings, f)
		}
	}
	if linter.Selected == nil || linter.Selected(bump.RuleReleased) {
		noted, err := d.noted(ctx)
		if err != nil {
			return err
		}
		result.Findings = append(result.Findings, linter.Weigh(noted)...)
	}
	if len(result.Findings) > before {
		finding.Sort(result.Findings)
	}
	return nil
}

// compare holds a template against what it was where the change started, and against
// what it has become meanwhile where the change is to go.
func (d *changed) compare(ctx context.Context, t change.Template) ([]finding.Finding, error) {
	dir := filepath.Join(d.dir, t.Name)
	head, err := bump.Read(ctx, dir, dir)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if head.Template == nil {
		return nil, err
	}
	version := head.Template.Manifest.Version
	var problems []bump.Problem
	var changes []bump.Change
	released := true
	switch {
	case err != nil && t.Status == change.Changed:
		problems = []bump.Problem{{Rule: bump.RuleCompare, Message: "cannot be compared with the version on the base before this is right: " + err.Error()}}
	case t.Status == change.Changed:
		base, unreadable, err := d.stored(ctx, t.Name, d.set.WriteBase)
		if err != nil {
			return nil, err
		}
		before := versionOf(base)
		if changes = unreadable; changes == nil {
			changes = bump.Compare(base, head)
			if notes := bump.Smoke(base, head); len(notes) > 0 {
				printf(d.notes, "ogpu-tpl: the template %s is tried in another way than before: %s\n", report.Escape(t.Name), some(notes))
			}
		}
		problems = bump.Problems(before, version, changes)
		released = before != version || len(changes) > 0
	}
	if len(problems) == 0 && released && d.set.WentOn(t.Name) {
		tip, _, err := d.stored(ctx, t.Name, d.set.WriteTip)
		if err != nil {
			return nil, err
		}
		problems = bump.Behind(d.since, versionOf(tip), version, changes)
	}
	var all []finding.Finding
	path := []any{"version"}
	for _, p := range problems {
		all = append(all, finding.Finding{Rule: p.Rule, Message: p.Message, Position: head.Template.Locate(path), Path: path, Template: t.Name})
	}
	return all, nil
}

// versionOf is empty when the manifest could not be read.
func versionOf(side bump.Side) string {
	if side.Template == nil {
		return ""
	}
	return side.Template.Manifest.Version
}

// stored reads a template as Git has it. There are changes when it cannot be
// compared: then they say so.
func (d *changed) stored(ctx context.Context, name string, write func(ctx context.Context, name, dir string) error) (bump.Side, []bump.Change, error) {
	side, reason, err := d.frozen(ctx, name, write)
	if reason != nil {
		return side, bump.Unreadable(reason), nil
	}
	return side, nil, err
}

// frozen reads and freezes a template as Git has it. The reason says why that cannot
// be done.
func (d *changed) frozen(ctx context.Context, name string, write func(ctx context.Context, name, dir string) error) (side bump.Side, reason, err error) {
	parent, err := os.MkdirTemp("", "ogpu-tpl-")
	if err != nil {
		return bump.Side{}, nil, err
	}
	defer os.RemoveAll(parent)
	dir := filepath.Join(parent, name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return bump.Side{}, nil, err
	}
	if err := write(ctx, name, dir); errors.Is(err, change.ErrNoBase) {
		return bump.Side{}, err, nil
	} else if err != nil {
		return bump.Side{}, nil, err
	}
	side, reason = bump.Read(ctx, dir, "")
	if ctx.Err() != nil {
		return bump.Side{}, nil, ctx.Err()
	}
	return side, reason, nil
}
