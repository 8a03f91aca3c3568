package change

import (
	"context"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/git"
)

// moved finds the folders, at Base, of templates that are new in the templates
// folder and were elsewhere under the same name: such a template is held against
// what it was there. Otherwise a catalog that moves would lose its versions.
func (s *Set) moved(ctx context.Context, base, head map[string][]git.Entry) (map[string]string, error) {
	added := map[string]bool{}
	for name := range head {
		if len(base[name]) == 0 {
			added[name] = true
		}
	}
	if len(added) == 0 {
		return nil, nil
	}
	list, err := s.repository.Output(ctx, "ls-tree", "-r", "-z", "--full-tree", "--name-only", s.Base)
	if err != nil {
		return nil, err
	}
	from := map[string]string{}
	for _, name := range git.Paths(list) {
		dir, file := path.Split(name)
		dir = strings.TrimSuffix(dir, "/")
		template := path.Base(dir)
		if file != catalog.ManifestFile || dir == "" || !added[template] || from[template] != "" {
			continue
		}
		// What is still there was copied: it is another template.
		if _, err := os.Lstat(filepath.Join(s.repository.Top, filepath.FromSlash(name))); err != nil {
			from[template] = dir
		}
	}
	return from, nil
}

// addMoved adds the files that templates have elsewhere at a commit, as if they were
// in the templates folder.
func addMoved(ctx context.Context, r *git.Repository, commit string, moved map[string]string, files map[string]git.Entry) error {
	for name, dir := range moved {
		there, err := stored(ctx, r, commit, []string{dir})
		if err != nil {
			return err
		}
		for file, entry := range there {
			entry.Path = r.Prefix + name + strings.TrimPrefix(file, dir)
			files[entry.Path] = entry
		}
	}
	return nil
}
