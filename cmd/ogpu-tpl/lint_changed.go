package main

import (
	"context"
	"errors"
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
}

// changedOf finds what has changed, when that is asked for.
func changedOf(c *cli.Context, world World) (*changed, error) {
	if !c.IsSet("changed-since") {
		only := list(c, "only")
		for _, name := range only {
			if !isVersionRule(name) {
				return nil, nil
			}
		}
		if len(only) > 0 {
			return nil, usagef("the rules of %s compare two versions: say with which one by --changed-since", bump.Category)
		}
		return nil, nil
	}
	if c.NArg() > 0 {
		return nil, usagef("--changed-since finds the templates itself: leave out %q", c.Args().First())
	}
	dir, err := templatesDir(c)
	if err != nil {
		return nil, err
	}
	set, err := findChange(c, dir, c.String("changed-since"))
	if err != nil {
		return nil, err
	}
	d := &changed{c.String("changed-since"), dir, set}
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
		touched++
	}
	if len(d.set.Shared) > 0 {
		printf(world.Err, "ogpu-tpl: all templates depend on what differs from %s: %s\n", report.Escape(d.since), some(d.set.Shared))
	}
	if touched == 0 {
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

// run compares the versions of the templates whose own files differ. What comes of
// it is in addition to the result.
func (d *changed) run(ctx context.Context, linter *lint.Linter, result *lint.Result) error {
	if d == nil {
		return nil
	}
	before := len(result.Findings)
	for _, t := range d.set.Templates {
		if t.Status != change.Changed {
			continue
		}
		found, err := d.compare(ctx, t.Name)
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
	if len(result.Findings) > before {
		finding.Sort(result.Findings)
	}
	return nil
}

// compare holds a template against what it was where the change started.
func (d *changed) compare(ctx context.Context, name string) ([]finding.Finding, error) {
	dir := filepath.Join(d.dir, name)
	head, err := bump.Read(ctx, dir, dir)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if head.Template == nil {
		return nil, err
	}
	found := func(p bump.Problem) finding.Finding {
		path := []any{"version"}
		return finding.Finding{Rule: p.Rule, Message: p.Message, Position: head.Template.Locate(path), Path: path, Template: name}
	}
	if err != nil {
		return []finding.Finding{found(bump.Problem{Rule: bump.RuleCompare, Message: "cannot be compared with the version on the base before this is right: " + err.Error()})}, nil
	}
	parent, err := os.MkdirTemp("", "ogpu-tpl-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(parent)
	base, changes, err := d.base(ctx, name, filepath.Join(parent, name))
	if err != nil {
		return nil, err
	}
	version := ""
	if base.Template != nil {
		version = base.Template.Manifest.Version
	}
	if changes == nil {
		changes = bump.Compare(base, head)
	}
	var all []finding.Finding
	for _, p := range bump.Problems(version, head.Template.Manifest.Version, changes) {
		all = append(all, found(p))
	}
	return all, nil
}

// base reads a template as it was where the change started. There are changes when
// it cannot be compared: then they say so.
func (d *changed) base(ctx context.Context, name, dir string) (bump.Side, []bump.Change, error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return bump.Side{}, nil, err
	}
	if err := d.set.WriteBase(ctx, name, dir); errors.Is(err, change.ErrNoBase) {
		return bump.Side{}, bump.Unreadable(err), nil
	} else if err != nil {
		return bump.Side{}, nil, err
	}
	base, err := bump.Read(ctx, dir, "")
	if ctx.Err() != nil {
		return bump.Side{}, nil, ctx.Err()
	}
	if err != nil {
		return base, bump.Unreadable(err), nil
	}
	return base, nil, nil
}
