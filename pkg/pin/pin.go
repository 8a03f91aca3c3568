// Package pin writes the digests of images into templates, and tells which
// have moved since. It brings together the files and the registries.
package pin

import (
	"context"
	"fmt"

	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/finding"
	"github.com/opengpu-network/templates/pkg/registry"
	"golang.org/x/sync/errgroup"
)

// Options say what Run does.
type Options struct {
	// Check changes nothing, and tells what would be written.
	Check bool
	// Update takes the digest that a tag names now, where another is written.
	Update bool
	// Platform is the one that each image must be there for.
	Platform registry.Platform
	// Parallel is how many references are asked for at once, at least 1.
	Parallel int
}

// Image is one reference of one template and what became of it.
type Image struct {
	// Reference is what was written, Digest what the tag names now; it is empty
	// when that is not known.
	Reference, Digest string
	State             State
	// Written is the reference that stands in the files in its place now. It is
	// empty when nothing was written.
	Written string
	// Proposed is the reference that could be written, and was not: that of an image
	// without a digest, or the one that --update would take. It is empty when there
	// is none that is fit.
	Proposed string
	// Recorded is true for an image without a digest that the manifest lists as
	// unpinned.
	Recorded bool
	// Places are where it is written.
	Places []finding.Position
	// Err says why the state is what it is, where a registry was at fault or
	// does not have something.
	Err error
}

// Template is what became of one template.
type Template struct {
	Name   string
	Images []Image
	// Changed are the files that were written, below the template's folder.
	Changed []string
	// Err says why the template could not be read or written at all.
	Err error
}

// work is one template while it is worked on.
type work struct {
	scanned *scanned
	written []*written
	answers []answer
}

// Run pins templates, or checks them: see Options. A template is written whole
// or not at all: when one of its images cannot be pinned, it is left alone, and
// the others are not. The templates must be open. The error is the context's;
// what else went wrong is in the results, which are in the templates' order.
func Run(ctx context.Context, client *registry.Client, templates []*catalog.Template, options Options) ([]Template, error) {
	results := make([]Template, len(templates))
	all := make([]work, len(templates))
	for i, t := range templates {
		results[i].Name = t.Name
		all[i], results[i].Err = read(ctx, t)
	}
	l := &lookups{client: client, platform: options.Platform, done: map[string]func() (*registry.Manifest, error){}}
	var group errgroup.Group
	group.SetLimit(max(options.Parallel, 1))
	for _, w := range all {
		for i, reference := range w.written {
			group.Go(func() error {
				w.answers[i] = l.look(ctx, reference.parsed)
				return nil
			})
		}
	}
	_ = group.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for i, w := range all {
		if results[i].Err == nil {
			w.finish(ctx, &results[i], options)
		}
		if err := ctx.Err(); err != nil {
			// Templates that are already written stay so: each is whole.
			return results[:i], err
		}
	}
	return results, nil
}

func read(ctx context.Context, t *catalog.Template) (work, error) {
	s, err := scan(ctx, t)
	if err != nil {
		return work{}, err
	}
	all, err := s.references()
	return work{s, all, make([]answer, len(all))}, err
}

// finish turns the answers into results, and writes what is to be written.
func (w work) finish(ctx context.Context, result *Template, options Options) {
	replacements := map[string]string{}
	blocked := false
	for i, reference := range w.written {
		a := w.answers[i]
		if options.Update && a.state == Moved && a.currentErr != nil {
			a.err = a.currentErr
			a = a.refine(Missing)
		}
		image := Image{
			Reference: reference.text, Digest: a.current, State: a.state, Places: reference.places, Err: a.err,
			Recorded: reference.parsed.Digest == "" && w.scanned.recorded(reference.parsed),
		}
		written, fit := reference.parsed.WithDigest(a.current).String(), reference.parsed.Digest == "" && a.state == Pinned
		if fit || takes(a) {
			image.Proposed = written
		}
		if image.Err == nil && a.state == Moved {
			image.Err = a.currentErr // what the tag names now is not fit
		}
		switch {
		case options.Check:
			if reference.parsed.Digest == "" && (fit || image.Recorded) {
				image.State = Unpinned
			}
		case fit, options.Update && takes(a):
			replacements[reference.text], image.Written = written, written
		case a.state != Pinned && a.state != Moved && a.state != TagGone:
			blocked = true
		}
		result.Images = append(result.Images, image)
	}
	if options.Check {
		return
	}
	if blocked {
		replacements = nil
	} else if result.Changed, result.Err = w.scanned.replace(ctx, replacements); result.Err != nil {
		result.Err = fmt.Errorf("%s is left as it was: %w", w.scanned.template.Display, result.Err)
		replacements = nil
	}
	if replacements == nil {
		for i := range result.Images {
			result.Images[i].Written = ""
		}
	}
	for i := range result.Images {
		if image := &result.Images[i]; image.Written != "" {
			image.Proposed = ""
		}
	}
}

// takes is true when --update has something to take: the tag names an image
// for the platform, and another than is written.
func takes(a answer) bool {
	return a.current != "" && a.currentErr == nil && (a.state == Moved || a.state == Gone || a.state == NoPlatform)
}

// Failed is true when a registry did not say what was asked, or the template
// could not be read or written.
func (t Template) Failed() bool {
	for _, image := range t.Images {
		if image.State == Failed {
			return true
		}
	}
	return t.Err != nil
}

// Found is true when something is wrong with the template's images. A tag that
// has moved is that for who checks, not for who pins: the digest is kept.
func (t Template) Found(check bool) bool {
	for _, image := range t.Images {
		switch image.State {
		case Gone, Missing, NoPlatform:
			if image.Written == "" {
				return true
			}
		case Moved, TagGone:
			if check {
				return true
			}
		case Unpinned:
			if !image.Recorded {
				return true
			}
		}
	}
	return false
}
