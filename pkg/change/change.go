// Package change finds the templates that a change touches: what differs between
// the commit that it started from and the files as they lie in the working tree.
package change

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/git"
	"github.com/opengpu-network/templates/pkg/release"
)

// Status says how a change touches a template.
type Status string

// The ways in which a change touches a template.
const (
	Added   Status = "added"
	Changed Status = "changed"
	Removed Status = "removed"
	// Renamed is a template of another name that has at least half of its content
	// from one that is gone.
	Renamed Status = "renamed"
	// Shared is a template whose own files are as they were, while something
	// differs that all templates depend on.
	Shared Status = "shared"
)

// Template is one template that is touched.
type Template struct {
	// Name is the folder's name. A stranger chose it: it may hold any character.
	Name   string `json:"name"`
	Status Status `json:"status"`
	// Old is the name that a renamed template had.
	Old string `json:"old,omitempty"`
	// Moved is the folder that it had before it came into the templates folder, as a
	// path from the working tree's folder.
	Moved string `json:"moved,omitempty"`
	// Files are those of its own files that differ, by their paths in its folder,
	// sorted. Of a renamed template they are all that it has.
	Files []string `json:"files"`
}

// Set is what a change touches.
type Set struct {
	// Base is the commit that the change started from, Head the one that it has
	// come to. What lies in the working tree counts on top of it.
	Base string `json:"base"`
	Head string `json:"head"`
	// Shared are the files that differ and that all templates depend on, sorted,
	// with paths from the working tree's folder.
	Shared []string `json:"shared"`
	// Templates are sorted by their names.
	Templates []Template `json:"templates"`

	repository *git.Repository
	// tip is the commit that Options.Since names: Base, or what came after it.
	tip string
	// The files of each template at Base, at the tip and now.
	base, atTip, head map[string][]git.Entry
	// from are the folders that templates had before they came into this one.
	from map[string]string
}

// Options say what to look at.
type Options struct {
	// Templates is the folder with the templates.
	Templates string
	// Since names a commit: a branch, a tag or a hash. The change started where
	// its history and that of HEAD part.
	Since string
	// Shared are files and folders besides those of SharedPaths that all templates
	// depend on, relative to the working folder or absolute. Those outside of the
	// repository have no history here and are passed over.
	Shared []string
}

// SharedPaths are the files and folders beside the templates folder that all
// templates depend on: the policies, and the tool that judges by them, with all that
// it is built from.
func SharedPaths() []string {
	return []string{"policies", "cmd", "pkg", "docs/schemas", "embed.go", "go.mod", "go.sum", "go.work", "go.work.sum", "vendor"}
}

// decidesNothing is true for a shared file that no template can notice: tests are
// no part of the tool, nor of the policies.
func decidesNothing(name string) bool {
	return strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, "_test.rego")
}

// Find finds what is touched. It is an error when Git cannot tell: nothing is ever
// taken for unchanged because it cannot be compared.
func Find(ctx context.Context, o Options) (*Set, error) {
	r, err := git.Open(ctx, o.Templates)
	if err != nil {
		return nil, err
	}
	if err := refuseLinks(r, o.Templates); err != nil {
		return nil, err
	}
	s := &Set{repository: r, Shared: []string{}, Templates: []Template{}}
	if err := s.commits(ctx, o.Since); err != nil {
		return nil, err
	}
	shared, err := sharedPaths(r, o.Shared)
	if err != nil {
		return nil, err
	}
	scope := slices.Concat([]string{strings.TrimSuffix(r.Prefix, "/")}, shared)
	now, err := working(ctx, r, len(s.Base), scope)
	if err != nil {
		return nil, err
	}
	if err := refuseIgnored(ctx, r, o.Templates, now); err != nil {
		return nil, err
	}
	before, err := stored(ctx, r, s.Base, scope)
	if err != nil {
		return nil, err
	}
	head := grouped(r.Prefix, now)
	moved, err := s.moved(ctx, grouped(r.Prefix, before), head)
	if err != nil {
		return nil, err
	}
	if err := addMoved(ctx, r, s.Base, moved, before); err != nil {
		return nil, err
	}
	differ := differing(before, now)
	base := grouped(r.Prefix, before)
	s.base, s.head, s.atTip, s.from = base, head, base, moved
	if s.tip != s.Base {
		tip, err := stored(ctx, r, s.tip, scope)
		if err != nil {
			return nil, err
		}
		if err := addMoved(ctx, r, s.tip, moved, tip); err != nil {
			return nil, err
		}
		s.atTip = grouped(r.Prefix, tip)
	}
	if len(base) == 0 && len(head) == 0 {
		return nil, fmt.Errorf("the folder %s holds no template that Git knows or would take in: is it ignored?", o.Templates)
	}
	s.templates(base, head, differ, moved)
	for _, name := range differ {
		if !decidesNothing(name) && slices.ContainsFunc(shared, func(p string) bool { return name == p || strings.HasPrefix(name, p+"/") }) {
			s.Shared = append(s.Shared, name)
		}
	}
	if err := s.pairUp(ctx, base, head); err != nil {
		return nil, err
	}
	if len(s.Shared) > 0 {
		for name := range head {
			if !slices.ContainsFunc(s.Templates, func(t Template) bool { return t.Name == name && t.Status != Removed }) {
				s.Templates = append(s.Templates, Template{Name: name, Status: Shared, Files: []string{}})
			}
		}
	}
	slices.SortFunc(s.Templates, func(a, b Template) int { return strings.Compare(a.Name, b.Name) })
	return s, nil
}

// commits finds where the change started and where it is.
func (s *Set) commits(ctx context.Context, since string) error {
	if err := CheckRef(since); err != nil {
		return err
	}
	r := s.repository
	shallow, err := git.Line(ctx, r.Top, "rev-parse", "--is-shallow-repository")
	if err != nil {
		return err
	}
	if shallow != "false" {
		return errors.New("the clone is shallow: where the change started cannot be told from a part of the history. " +
			"Fetch all of it with git fetch --unshallow; in a GitHub workflow, give actions/checkout fetch-depth: 0")
	}
	if s.Head, err = r.Commit(ctx, "HEAD"); err != nil {
		return fmt.Errorf("what HEAD stands for cannot be found: %w: is there a commit yet?", err)
	}
	other, err := r.Commit(ctx, since)
	if err != nil {
		return fmt.Errorf("%q: %w: fetch it, or name a branch such as origin/main", since, err)
	}
	bases, err := git.Line(ctx, r.Top, "merge-base", "--all", other, s.Head)
	var refused *git.Error
	switch {
	case errors.As(err, &refused) && refused.Status == 1:
		return fmt.Errorf("%q and HEAD have no commit in common: fetch their whole history, or name the branch that the change started from", since)
	case err != nil:
		return err
	case strings.Contains(bases, "\n"):
		return fmt.Errorf("%q and HEAD have several commits in common of which none is the latest, so that it cannot be told where the change started: merge %[1]q first", since)
	}
	s.Base, s.tip = bases, other
	return nil
}

// CheckRef says why a text is no name of a commit that Git may be given, or
// nothing.
func CheckRef(name string) error {
	switch {
	case name == "":
		return errors.New("name a branch, a tag or a commit")
	case strings.HasPrefix(name, "-"):
		return fmt.Errorf("%q looks like an option: name a branch, a tag or a commit", name)
	case len(name) > 1000 || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7F }):
		return fmt.Errorf("%.60q is no name of a commit", name)
	}
	return nil
}

// grouped sorts the files of the templates folder by template. What lies in that
// folder itself, or in a hidden one, is no template's.
func grouped(prefix string, files map[string]git.Entry) map[string][]git.Entry {
	all := map[string][]git.Entry{}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		rest, ok := strings.CutPrefix(name, prefix)
		if !ok || strings.HasPrefix(rest, ".") {
			continue
		}
		template, _, below := strings.Cut(rest, "/")
		// A symbolic link in place of a folder is for lint to refuse aloud.
		if below || files[name].Mode == git.ModeSymlink {
			all[template] = append(all[template], files[name])
		}
	}
	return all
}

// templates compares the templates' own files. The note of what was released is no
// part of a template.
func (s *Set) templates(base, head map[string][]git.Entry, differ []string, moved map[string]string) {
	files := map[string][]string{}
	for _, name := range differ {
		rest, ok := strings.CutPrefix(name, s.repository.Prefix)
		if template, file, _ := strings.Cut(rest, "/"); ok && file != release.ReleasesFile {
			files[template] = append(files[template], file)
		}
	}
	names := maps.Clone(base)
	maps.Copy(names, head)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		t := Template{Name: name, Status: Changed, Moved: moved[name], Files: append([]string{}, files[name]...)}
		switch {
		case base[name] == nil:
			t.Status = Added
		case head[name] == nil:
			t.Status = Removed
		case len(t.Files) == 0 && t.Moved == "":
			continue
		}
		s.Templates = append(s.Templates, t)
	}
}

// differing lists the paths whose content or kind differs, sorted.
func differing(before, now map[string]git.Entry) (names []string) {
	for name, entry := range before {
		if after, ok := now[name]; !ok || after.Mode != entry.Mode || after.Hash != entry.Hash {
			names = append(names, name)
		}
	}
	for name := range now {
		if _, ok := before[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Limits on what is read of a template at the base, in bytes: far above what a
// template needs, without its own service.
const (
	maxBaseFile  = 2 << 20
	maxBaseTotal = 32 << 20
)

// ErrNoBase says that a template's files at the base cannot be had.
var ErrNoBase = errors.New("cannot be read as it is on the base")

// WentOn is true when a template is there at the tip of what the change is for, and
// is neither what it was where the change started nor what it is now.
func (s *Set) WentOn(name string) bool {
	tip := s.atTip[name]
	return len(tip) > 0 && !s.same(tip, s.base[name]) && !s.same(tip, s.head[name])
}

// same compares a template's files, but for the note of what was released.
func (s *Set) same(a, b []git.Entry) bool {
	byPath := func(entries []git.Entry) map[string]git.Entry {
		all := map[string]git.Entry{}
		for _, entry := range entries {
			if !strings.HasSuffix(entry.Path, "/"+release.ReleasesFile) {
				all[entry.Path] = entry
			}
		}
		return all
	}
	return len(differing(byPath(a), byPath(b))) == 0
}

// WriteBase writes the files that a template had where the change started into the
// folder dir, which has to be empty. The source of its own service, links, and the
// note of what was released are left out: they are no part of a release.
func (s *Set) WriteBase(ctx context.Context, name, dir string) error {
	return s.write(ctx, s.base[name], name, dir)
}

// WriteTip is WriteBase for the tip of what the change is for.
func (s *Set) WriteTip(ctx context.Context, name, dir string) error {
	return s.write(ctx, s.atTip[name], name, dir)
}

func (s *Set) write(ctx context.Context, entries []git.Entry, name, dir string) error {
	var names, hashes []string
	for _, entry := range entries {
		file := strings.TrimPrefix(entry.Path, s.repository.Prefix+name+"/")
		if entry.Mode == git.ModeSymlink || strings.HasPrefix(file, catalog.ServiceDir+"/") || file == release.ReleasesFile {
			continue
		}
		// Whoever makes a tree by hand can give its files any name.
		for _, part := range strings.Split(file, "/") {
			if part == "" || part == "." || part == ".." {
				return fmt.Errorf("%w: it has a file %.110q", ErrNoBase, file)
			}
		}
		names, hashes = append(names, file), append(hashes, entry.Hash)
	}
	if len(names) > catalog.MaxFiles {
		return fmt.Errorf("%w: it has more than %d files", ErrNoBase, catalog.MaxFiles)
	}
	contents, err := s.repository.Contents(ctx, hashes, maxBaseFile, maxBaseTotal)
	if errors.Is(err, git.ErrTooLarge) {
		return fmt.Errorf("%w: it is too large", ErrNoBase)
	}
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for i, file := range names {
		err := root.MkdirAll(path.Dir(file), 0o700)
		if err == nil {
			err = root.WriteFile(file, contents[i], 0o600)
		}
		if err != nil {
			return fmt.Errorf("%w: %w", ErrNoBase, err)
		}
	}
	return nil
}
