package source

import (
	"context"
	"os"
	"path/filepath"
	"slices"

	"github.com/opengpu-network/templates/pkg/compose"
	"github.com/opengpu-network/templates/pkg/lint"
)

// composeName is what a compose file is called while it is linted. It stands
// alone in its folder, so that nothing that it includes is there.
const composeName = "compose.yml"

// lint lints a compose file as a custom source, and lists its loose images.
func (i *Inspector) lint(ctx context.Context, n *Inspection, f *File) error {
	if f.Err != nil {
		return nil
	}
	dir, err := os.MkdirTemp("", "ogpu-tpl-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, composeName), f.Data, 0o600); err != nil {
		return err
	}
	linter := i.Linter
	linter.Environment = f.Environment
	result, err := linter.Run(ctx, []lint.Target{{Dir: dir, File: composeName, Display: composeName}})
	if err != nil {
		return err
	}
	for _, found := range result.Findings {
		found.File, found.Template = i.named(n, f.Link), n.Address.Hex()
		n.Linted = append(n.Linted, found)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	project, _ := compose.Load(ctx, root, composeName, func(name string) string { return name })
	if project == nil {
		return ctx.Err() // the findings say why
	}
	for _, image := range project.Images {
		if image.Digest == "" {
			f.Loose = append(f.Loose, image.Reference)
		}
	}
	slices.Sort(f.Loose)
	f.Loose = slices.Compact(f.Loose)
	return nil
}
