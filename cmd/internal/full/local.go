package full

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/opengpu-network/templates/cmd/internal/app"
	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/compose"
	"github.com/opengpu-network/templates/pkg/lint"
	"github.com/opengpu-network/templates/pkg/release"
	"github.com/urfave/cli/v2"
)

// local is what the catalog holds for one template.
type local struct {
	Template *catalog.Template
	Release  *release.Release
	// Err is why it cannot be frozen.
	Err error
}

// locals freezes templates to compare them with what is on a chain: those that
// are named, or the whole catalog. No rule is asked: what is published is judged
// elsewhere.
func locals(ctx context.Context, c *cli.Context, world app.World, names []string) (map[string]local, error) {
	set, err := app.LoadPolicies("")
	if err != nil {
		return nil, err
	}
	templates, err := app.TemplatesDir(c)
	if err != nil {
		return nil, err
	}
	targets, err := lint.Targets(templates, names)
	if errors.Is(err, lint.ErrNoTarget) {
		return nil, app.AsUsage(err)
	} else if err != nil {
		return nil, err
	}
	names = nil
	for _, target := range targets {
		if target.File != "" || target.Environment != 0 {
			return nil, app.Usagef("%s is a compose file: give the template's name or folder", target.Display)
		}
		name, err := targetName(target)
		if err != nil {
			return nil, err
		}
		if slices.Contains(names, name) {
			return nil, app.Usagef("the template %s is named twice: a chain knows templates by their names", name)
		}
		names = append(names, name)
	}
	none := func(string) bool { return false }
	if err := set.Compile(ctx, none); err != nil {
		return nil, err
	}
	result, err := (&lint.Linter{Today: world.Now(), Policies: set, Selected: none, Retain: true}).Run(ctx, targets)
	if err != nil {
		return nil, err
	}
	projects := map[*catalog.Template]map[catalog.Environment]*compose.Project{}
	for _, linted := range result.Linted {
		if linted.Environment == 0 {
			continue // nothing of it can be read
		}
		if projects[linted.Template] == nil {
			projects[linted.Template] = map[catalog.Environment]*compose.Project{}
		}
		projects[linted.Template][linted.Environment] = linted.Project
	}
	all := map[string]local{}
	for template, of := range projects {
		l := local{Template: template}
		l.Release, l.Err = release.Freeze(ctx, template, of)
		all[template.Name] = l
	}
	for _, name := range names {
		if _, ok := all[name]; !ok {
			all[name] = local{Err: fmt.Errorf("it cannot be read: see ogpu-tpl lint %s", name)}
		}
	}
	return all, ctx.Err()
}

// targetName is the name of a template by its folder, also for "." and "..".
func targetName(target lint.Target) (string, error) {
	dir, err := filepath.Abs(target.Dir)
	return filepath.Base(dir), err
}
