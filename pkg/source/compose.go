package source

import (
	"context"
	"os"
	"path/filepath"
	"slices"

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
	linter.Environment, linter.Retain = f.Environment, true
	result, err := linter.Run(ctx, []lint.Target{{Dir: dir, File: composeName, Display: composeName}})
	if err != nil {
		return err
	}
	for _, found := range result.Findings {
		found.File, found.Template = i.named(n, f.Link), n.Address.Hex()
		n.Linted = append(n.Linted, found)
	}
	if result.Project == nil {
		return nil // the findings say why
	}
	for _, image := range result.Project.Images {
		if image.Digest == "" {
			f.Loose = append(f.Loose, image.Reference)
		}
	}
	slices.Sort(f.Loose)
	f.Loose = slices.Compact(f.Loose)
	return nil
}
