package change

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/compose"
	"github.com/opengpu-network/templates/pkg/git"
)

// refuseIgnored is an error when a template is made of a file that lies there and
// that Git ignores: here it would be judged with the file, and everybody else has it
// without. Whatever else is ignored in its folder, such as what a build leaves there,
// makes no difference.
func refuseIgnored(ctx context.Context, r *git.Repository, templates string, now map[string]git.Entry) error {
	entries, err := os.ReadDir(templates)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if entry.Name()[0] == '.' {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		var read []string
		switch {
		case entry.Type()&os.ModeSymlink != 0:
			read = []string{""}
		case entry.IsDir():
			if read, err = filesRead(ctx, filepath.Join(templates, entry.Name())); err != nil {
				return err
			}
		}
		for _, file := range read {
			name := path.Join(entry.Name(), file)
			if _, known := now[r.Prefix+name]; !known {
				return fmt.Errorf("%q is ignored by Git, and a template here is made of it, which nobody else has: "+
					"add it with git add -f, change what git check-ignore -v says about it, or move it elsewhere", r.Prefix+name)
			}
		}
	}
	return nil
}

// filesRead lists the files in a folder that make a template, as paths below it.
func filesRead(ctx context.Context, dir string) ([]string, error) {
	// Without its manifest a folder that Git knows nothing of is no template.
	if _, err := os.Lstat(filepath.Join(dir, catalog.ManifestFile)); err != nil {
		return nil, nil
	}
	t, _, err := catalog.Open(dir, dir)
	if err != nil {
		return nil, err
	}
	defer t.Close()
	read := []string{catalog.ReadmeFile, catalog.Dockerfile, t.Manifest.Logo}
	for _, environment := range t.Environments() {
		read = append(read, catalog.ComposePath(environment))
		// What cannot be read is for lint to say.
		project, _ := compose.Load(ctx, t.Root(), catalog.ComposePath(environment), func(name string) string { return name })
		if project != nil {
			read = append(read, project.Files...)
		}
	}
	files := []string{catalog.ManifestFile}
	for _, file := range t.Files {
		if slices.Contains(read, file.Path) {
			files = append(files, file.Path)
		}
	}
	return files, nil
}
