package app

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/compose"
	"github.com/opengpu-network/templates/pkg/finding"
	"github.com/opengpu-network/templates/pkg/lint"
	"github.com/opengpu-network/templates/pkg/publish/publishers"
	"github.com/opengpu-network/templates/pkg/release"
)

// ruleReleased is what a template breaks that would be released with other bytes than
// its version has.
const ruleReleased = "catalog/released"

// released judges a template's releases.json: its form, and whether the template is
// still what was released as its version.
func released(ctx context.Context, t *catalog.Template, projects map[catalog.Environment]*compose.Project) []finding.Finding {
	all, err := release.Released(t.Dir)
	if err != nil {
		return []finding.Finding{release.ReleasedProblem(t.Display, err)}
	}
	before, ok := all[t.Manifest.Version]
	if !ok || projects == nil || !pinned(projects) {
		return nil
	}
	now, err := release.Freeze(ctx, t, projects)
	if err != nil || now.Digest == before {
		return nil // what cannot be frozen has findings of its own
	}
	path := []any{"version"}
	return []finding.Finding{{
		Rule: ruleReleased, Position: t.Locate(path), Path: path,
		Message: fmt.Sprintf("version %s was released as %s, as %s says, and is %s now", now.Version, before, release.ReleasesFile, now.Digest),
	}}
}

// pinned is true when every image has a digest: nothing else can be released.
func pinned(projects map[catalog.Environment]*compose.Project) bool {
	for _, project := range projects {
		for _, image := range project.Images {
			if image.Digest == "" {
				return false
			}
		}
	}
	return true
}

// notes judges what machines note beside the targets: publishers.yaml, and the
// releases.json of every template in the folder that is no target itself.
func notes(linter *lint.Linter, templates string, targets []lint.Target, result *lint.Result) error {
	names, _ := catalog.Names(templates) // none is no problem: nothing may be left
	var found []finding.Finding
	for _, name := range names {
		dir := filepath.Join(templates, name)
		isTarget := slices.ContainsFunc(targets, func(t lint.Target) bool { return t.Dir == dir })
		if info, err := os.Lstat(dir); isTarget || err != nil || !info.IsDir() {
			continue
		}
		if _, err := release.Released(dir); err != nil {
			problem := release.ReleasedProblem(dir, err)
			problem.Template = name
			found = append(found, problem)
		}
	}
	problems, err := publishers.Problems(filepath.Join(templates, "..", publishers.File))
	if err != nil {
		return err
	}
	result.Findings = append(result.Findings, linter.Weigh(append(found, problems...))...)
	finding.Sort(result.Findings)
	return nil
}
