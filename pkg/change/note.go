package change

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/git"
	"github.com/opengpu-network/templates/pkg/release"
)

// MaxPast is how many commits are looked at for what a template was before.
const MaxPast = 500

// Noted lists the templates that are there now and whose note of what was released is
// another than where the change started, sorted.
func (s *Set) Noted() (names []string) {
	for _, name := range slices.Sorted(maps.Keys(s.head)) {
		before, after := s.own(s.base[name], name, release.ReleasesFile), s.own(s.head[name], name, release.ReleasesFile)
		if before.Mode != after.Mode || before.Hash != after.Hash {
			names = append(names, name)
		}
	}
	return names
}

// own is one of a template's files, or nothing.
func (s *Set) own(entries []git.Entry, name, file string) git.Entry {
	for _, entry := range entries {
		if entry.Path == s.repository.Prefix+name+"/"+file {
			return entry
		}
	}
	return git.Entry{}
}

// Note is the text of a template's note of what was released, as it lies here; nil
// without one.
func (s *Set) Note(name string) ([]byte, error) {
	entry := s.own(s.head[name], name, release.ReleasesFile)
	switch {
	case entry.Path == "":
		return nil, nil // one that Git ignores is nobody else's
	case entry.Skipped:
		return nil, fmt.Errorf("%q differs and is left out by a sparse checkout, so that it cannot be judged", entry.Path)
	}
	return release.ReadReleased(filepath.Join(s.repository.Top, filepath.FromSlash(s.repository.Prefix+name)))
}

// PastBase are the states that a template had where the change started and before, the
// newest first: one for each of the commits that changed it, as the branch went from
// one to the next, up to MaxPast of them.
func (s *Set) PastBase(ctx context.Context, name string) ([]Past, error) {
	return s.past(ctx, name, s.Base)
}

// PastTip is PastBase for the tip of what the change is for.
func (s *Set) PastTip(ctx context.Context, name string) ([]Past, error) {
	return s.past(ctx, name, s.tip)
}

// Past is what a template was at a commit.
type Past struct {
	Commit string

	set     *Set
	name    string
	entries []git.Entry
	listed  bool
}

func (s *Set) past(ctx context.Context, name, commit string) ([]Past, error) {
	// The commits of a branch that was merged were never the state of this one.
	list, err := s.repository.Output(ctx, pathspecs([]string{"rev-list", "--first-parent", "--max-count=" + strconv.Itoa(MaxPast), commit}, s.folders(name))...)
	if err != nil {
		return nil, err
	}
	var all []Past
	for _, commit := range strings.Fields(string(list)) {
		all = append(all, Past{Commit: commit, set: s, name: name})
	}
	return all, nil
}

// folders are those in which a template may have been.
func (s *Set) folders(name string) []string {
	folders := []string{s.repository.Prefix + name}
	if dir := s.from[name]; dir != "" {
		folders = append(folders, dir)
	}
	return folders
}

// list finds the template's files at the commit. Those of the folder that it had
// before count where this one had none.
func (p *Past) list(ctx context.Context) error {
	for _, folder := range p.set.folders(p.name) {
		if p.listed {
			return nil
		}
		list, err := p.set.repository.Output(ctx, pathspecs([]string{"ls-tree", "-r", "-z", "--full-tree", p.Commit}, []string{folder})...)
		if err != nil {
			return err
		}
		entries, err := git.ParseTree(list)
		if err != nil {
			return err
		}
		for _, entry := range entries {
			rest, below := strings.CutPrefix(entry.Path, folder+"/")
			if below && entry.Mode != git.ModeSubmodule {
				entry.Path = p.set.repository.Prefix + p.name + "/" + rest
				p.entries = append(p.entries, entry)
			}
		}
		p.listed = len(p.entries) > 0
	}
	p.listed = true
	return nil
}

// Note is the text of the note of what was released; nil without one. It is ErrNoBase
// when it cannot be had.
func (p *Past) Note(ctx context.Context) ([]byte, error) {
	return p.text(ctx, release.ReleasesFile, release.MaxReleasesBytes)
}

// Manifest is Note for the manifest.
func (p *Past) Manifest(ctx context.Context) ([]byte, error) {
	return p.text(ctx, catalog.ManifestFile, maxBaseFile)
}

func (p *Past) text(ctx context.Context, file string, limit int64) ([]byte, error) {
	if err := p.list(ctx); err != nil {
		return nil, err
	}
	entry := p.set.own(p.entries, p.name, file)
	switch entry.Mode {
	case "":
		return nil, nil
	case git.ModeFile, git.ModeExecutable:
	default:
		return nil, fmt.Errorf("%w: %s is no regular file", ErrNoBase, file)
	}
	contents, err := p.set.repository.Contents(ctx, []string{entry.Hash}, limit, limit)
	if errors.Is(err, git.ErrTooLarge) {
		return nil, fmt.Errorf("%w: %s is too large", ErrNoBase, file)
	}
	if err != nil {
		return nil, err
	}
	return append([]byte{}, contents[0]...), nil
}

// Write is WriteBase for this commit.
func (p *Past) Write(ctx context.Context, dir string) error {
	if err := p.list(ctx); err != nil {
		return err
	}
	return p.set.write(ctx, p.entries, p.name, dir)
}
