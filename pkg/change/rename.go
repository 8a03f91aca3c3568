package change

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"hash/maphash"
	"io"
	"os"
	"slices"

	"github.com/opengpu-network/templates/pkg/git"
)

// similar is how much of two templates must be alike for the one to be the other
// under a new name: half, as for git diff -M.
const similar = 0.5

// maxPairs is how many pairs of templates are held against each other. Beyond it
// what was renamed is told as removed and added.
const maxPairs = 10_000

// pairUp makes one renamed template of each removed and added one that have most
// of their content in common.
func (s *Set) pairUp(ctx context.Context, base, head map[string][]git.Entry) error {
	with := func(status Status) (all []int) {
		for i, t := range s.Templates {
			if t.Status == status {
				all = append(all, i)
			}
		}
		return all
	}
	removed, added := with(Removed), with(Added)
	if len(removed) == 0 || len(added) == 0 || len(removed)*len(added) > maxPairs {
		return nil
	}
	seed := maphash.MakeSeed()
	contents := map[int]lines{}
	for _, i := range removed {
		var err error
		if contents[i], err = s.baseLines(ctx, seed, base[s.Templates[i].Name]); err != nil {
			return err
		}
	}
	root, err := os.OpenRoot(s.repository.Top)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, i := range added {
		contents[i] = diskLines(root, seed, head[s.Templates[i].Name])
	}
	type pair struct {
		removed, added int
		alike          float64
	}
	var pairs []pair
	for _, r := range removed {
		for _, a := range added {
			if alike := contents[r].alike(contents[a]); alike >= similar {
				pairs = append(pairs, pair{r, a, alike})
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return -cmp.Compare(a.alike, b.alike) })
	gone := map[int]bool{}
	for _, p := range pairs {
		if gone[p.removed] || s.Templates[p.added].Status != Added {
			continue
		}
		gone[p.removed] = true
		s.Templates[p.added].Status, s.Templates[p.added].Old = Renamed, s.Templates[p.removed].Name
	}
	var left []Template
	for i, t := range s.Templates {
		if !gone[i] {
			left = append(left, t)
		}
	}
	s.Templates = left
	return nil
}

// lines counts the bytes of each line of a template's files, by the line's hash.
type lines struct {
	count map[uint64]int
	total int
}

func (l *lines) add(seed maphash.Seed, content []byte) {
	if l.count == nil {
		l.count = map[uint64]int{}
	}
	for line := range bytes.Lines(content) {
		l.count[maphash.Bytes(seed, line)] += len(line)
		l.total += len(line)
	}
}

// alike is which part of the larger one is in both, from 0 to 1.
func (l lines) alike(other lines) float64 {
	both := 0
	for line, n := range l.count {
		both += min(n, other.count[line])
	}
	return float64(both) / float64(max(l.total, other.total, 1))
}

func (s *Set) baseLines(ctx context.Context, seed maphash.Seed, entries []git.Entry) (lines, error) {
	var all lines
	var hashes []string
	for _, entry := range entries {
		hashes = append(hashes, entry.Hash)
	}
	contents, err := s.repository.Contents(ctx, hashes, maxBaseFile, maxBaseTotal)
	if errors.Is(err, git.ErrTooLarge) {
		return all, nil
	}
	for _, content := range contents {
		all.add(seed, content)
	}
	return all, err
}

// diskLines passes over what cannot be read or is too large: then the template is
// told as a new one.
func diskLines(root *os.Root, seed maphash.Seed, entries []git.Entry) (all lines) {
	total := int64(0)
	for _, entry := range entries {
		if entry.Mode != git.ModeFile && entry.Mode != git.ModeExecutable {
			continue
		}
		// A sparse checkout may have left it out.
		file, err := root.Open(entry.Path)
		if err != nil {
			continue
		}
		content, err := io.ReadAll(io.LimitReader(file, maxBaseFile))
		file.Close()
		if total += int64(len(content)); err != nil || total > maxBaseTotal {
			return lines{}
		}
		all.add(seed, content)
	}
	return all
}
