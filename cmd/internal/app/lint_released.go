package app

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/opengpu-network/templates/pkg/bump"
	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/change"
	"github.com/opengpu-network/templates/pkg/finding"
	"github.com/opengpu-network/templates/pkg/release"
	"github.com/opengpu-network/templates/pkg/report"
)

// noted holds the notes of what was released that differ against what they were, and
// their new entries against the templates.
func (d *changed) noted(ctx context.Context) (all []finding.Finding, err error) {
	for _, name := range d.set.Noted() {
		found, err := d.note(ctx, name)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

func (d *changed) note(ctx context.Context, name string) ([]finding.Finding, error) {
	text, err := d.set.Note(name)
	if err != nil {
		return nil, err
	}
	notes := bump.Notes{}
	if text != nil {
		if notes.Head, err = release.ParseReleased(text); err != nil {
			return nil, nil // which syntax/releases tells
		}
	}
	base, tip := "", ""
	if notes.Base, base, err = d.lastNote(ctx, name, d.set.PastBase); err != nil {
		return nil, err
	}
	if notes.Tip, tip, err = d.lastNote(ctx, name, d.set.PastTip); err != nil {
		return nil, err
	}
	for _, commit := range slices.Compact([]string{base, tip}) {
		if commit != "" {
			printf(d.notes, "ogpu-tpl: the template %s is held against what its %s said at %.12s: after that there is none that can be read\n", report.Escape(name), release.ReleasesFile, commit)
		}
	}
	p := &proof{changed: d, name: name}
	problems, err := notes.Judge(d.since, func(version, digest string) (string, error) { return p.ask(ctx, version, digest) })
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(d.dir, name)
	var found []finding.Finding
	for _, problem := range problems {
		f := finding.Finding{Rule: bump.RuleReleased, Message: problem.Message, Template: name}
		if text != nil {
			f.Position = release.LocateReleased(dir, text, problem.Version)
		} else {
			// Nobody can be shown a line of a file that is gone.
			f.Position = finding.Position{File: filepath.ToSlash(filepath.Join(dir, catalog.ManifestFile))}
		}
		found = append(found, f)
	}
	return found, nil
}

// lastNote is what the note said when it last was there and could be read: what was
// released is not lost with it. The commit is that one where the template has changed
// since. Where none can be read, nothing was noted.
func (d *changed) lastNote(ctx context.Context, name string, past func(context.Context, string) ([]change.Past, error)) (all map[string]string, commit string, err error) {
	states, err := past(ctx, name)
	if err != nil {
		return nil, "", err
	}
	for i := range states {
		text, err := states[i].Note(ctx)
		switch {
		case err != nil && !errors.Is(err, change.ErrNoBase):
			return nil, "", err
		case err == nil && text != nil:
			if all, err := release.ParseReleased(text); err == nil {
				if i > 0 {
					commit = states[i].Commit
				}
				return all, commit, nil
			}
		}
	}
	return nil, "", nil
}

// proof says of new entries of a template's note whether they are true.
type proof struct {
	*changed
	name string
	// head is the template as it is now, and err why it cannot be frozen.
	head *bump.Side
	err  error
	// old is the note of a template that was renamed, under its old name.
	old map[string]string
	// states are what the template was on the branch, the newest first, looked how many
	// of them have been looked at, and last, by version, the newest of these.
	states []change.Past
	looked int
	last   map[string]*change.Past
}

// ask says what is wrong with an entry, or nothing.
func (p *proof) ask(ctx context.Context, version, digest string) (string, error) {
	if err := p.read(ctx); err != nil {
		return "", err
	}
	if version == versionOf(*p.head) {
		if p.err != nil {
			return fmt.Sprintf("nothing can be said for version %s before the template can be frozen: %v", version, p.err), nil
		}
		return differs(version, digest, p.head.Release.Digest, "the template as it is now"), nil
	}
	if p.old[version] == digest {
		return "", nil // it was true under that name
	}
	state, err := p.find(ctx, version)
	if err != nil {
		return "", err
	}
	if state == nil {
		among := ""
		if len(p.states) == change.MaxPast {
			among = fmt.Sprintf(" of the last %d that changed it", change.MaxPast)
		}
		return fmt.Sprintf("nobody can check version %s: the template does not have it, and had it at no commit of %s%s", version, p.since, among), nil
	}
	as := fmt.Sprintf("the template as %s last had it in that version, at %.12s,", p.since, state.Commit)
	side, reason, err := p.frozen(ctx, p.name, func(ctx context.Context, _, dir string) error { return state.Write(ctx, dir) })
	if err != nil {
		return "", err
	}
	if reason != nil {
		return fmt.Sprintf("nothing can be said for version %s: %s cannot be frozen: %v", version, as, reason), nil
	}
	return differs(version, digest, side.Release.Digest, as), nil
}

func differs(version, noted, frozen, what string) string {
	if noted == frozen {
		return ""
	}
	return fmt.Sprintf("version %s has the digest %s, and freezing %s gives %s", version, noted, what, frozen)
}

// read finds, once, what entries are held against.
func (p *proof) read(ctx context.Context) error {
	if p.head != nil {
		return nil
	}
	dir := filepath.Join(p.dir, p.name)
	head, err := bump.Read(ctx, dir, dir)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	p.head, p.err = &head, err
	for _, t := range p.set.Templates {
		if t.Name == p.name && t.Status == change.Renamed {
			if p.old, _, err = p.lastNote(ctx, t.Old, p.set.PastBase); err != nil {
				return err
			}
		}
	}
	p.states, err = p.set.PastTip(ctx, p.name)
	p.last = map[string]*change.Past{}
	return err
}

// find is the newest state of the template with a version, or nothing.
func (p *proof) find(ctx context.Context, version string) (*change.Past, error) {
	for ; p.last[version] == nil && p.looked < len(p.states); p.looked++ {
		state := &p.states[p.looked]
		text, err := state.Manifest(ctx)
		if err != nil && !errors.Is(err, change.ErrNoBase) {
			return nil, err
		}
		if text == nil {
			continue
		}
		was := catalog.ManifestVersion(text)
		if p.last[was] == nil {
			p.last[was] = state
		}
	}
	return p.last[version], nil
}
