package pin

import (
	"fmt"
	"slices"
	"strings"

	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/document"
	"github.com/opengpu-network/templates/pkg/registry"
	"go.yaml.in/yaml/v4"
)

// edited is a file with the edits that were made to it.
type edited struct {
	*file
	after []byte
}

// edit replaces references, given by what is written, and takes out of the
// manifest what it records as unpinned and no longer is. It returns the files
// that change. Each has been parsed again, and differs in nothing else.
func (s *scanned) edit(replacements map[string]string) ([]edited, error) {
	var changed []edited
	for _, f := range s.files {
		edits, values, removed, err := f.edits(replacements)
		if f.name == catalog.ManifestFile {
			edits, removed, err = s.unpinnedEdits(f, replacements)
		}
		if err != nil {
			return nil, err
		}
		if len(edits) == 0 {
			continue
		}
		after, err := document.Splice(string(f.data), edits)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.doc.File, err)
		}
		doc, problems := document.Parse(f.doc.File, []byte(after))
		if len(problems) > 0 {
			return nil, fmt.Errorf("%s: it cannot be edited: the file would no longer be valid (line %d: %s)", f.doc.File, problems[0].Line, problems[0].Message)
		}
		if !same(f.doc.Root, doc.Root, values, removed) {
			return nil, fmt.Errorf("%s: it cannot be edited without changing something else", f.doc.File)
		}
		changed = append(changed, edited{f, []byte(after)})
	}
	return changed, nil
}

// edits are those of a compose file's references; values are the new values of
// the scalars.
func (f *file) edits(replacements map[string]string) (edits []document.Edit, values map[*yaml.Node]string, removed map[*yaml.Node]bool, err error) {
	values = map[*yaml.Node]string{}
	for _, node := range f.images {
		value, ok := replacements[node.Value]
		if !ok || value == node.Value {
			continue
		}
		edit, ok := within(string(f.data), node)
		if !ok {
			return nil, nil, nil, fmt.Errorf("%s: the image cannot be edited in place: write it on one line, without escapes", at(f.doc.Position(node)))
		}
		edit.Text = value
		edits, values[node] = append(edits, edit), value
	}
	return edits, values, nil, nil
}

// within finds the bytes of a scalar's value inside its quotes or its block.
// They must stand there as they are, so that others can take their place.
func within(text string, node *yaml.Node) (document.Edit, bool) {
	start, end, ok := document.Span(text, node)
	if !ok {
		return document.Edit{}, false
	}
	switch text[start] {
	case '"', '\'':
		start, end = start+1, end-1
	case '|', '>':
		newline := strings.IndexByte(text[start:end], '\n')
		if newline < 0 {
			return document.Edit{}, false
		}
		start += newline + 1
		start += len(text[start:end]) - len(strings.TrimLeft(text[start:end], " \t\r\n"))
	}
	return document.Edit{Start: start, End: end}, start <= end && text[start:end] == node.Value
}

// same compares two trees: all must be equal but the values that were to
// change and the nodes that were to go.
func same(before, after *yaml.Node, values map[*yaml.Node]string, removed map[*yaml.Node]bool) bool {
	value, ok := values[before]
	if !ok {
		value = before.Value
	}
	if before.Kind != after.Kind || before.Style != after.Style || before.Anchor != after.Anchor ||
		before.ShortTag() != after.ShortTag() || value != after.Value {
		return false
	}
	kept := slices.DeleteFunc(slices.Clone(before.Content), func(n *yaml.Node) bool { return removed[n] })
	return slices.EqualFunc(kept, after.Content, func(a, b *yaml.Node) bool { return same(a, b, values, removed) })
}

// unpinnedEdits take out the manifest's records of images that are pinned.
func (s *scanned) unpinnedEdits(f *file, replacements map[string]string) ([]document.Edit, map[*yaml.Node]bool, error) {
	var pinned, open []registry.Reference
	for _, other := range s.files {
		for _, node := range other.images {
			text := node.Value
			if value, ok := replacements[text]; ok {
				text = value
			}
			r, err := registry.Parse(text)
			switch {
			case err != nil:
				return nil, nil, err
			case r.Digest != "" && r.Tag != "":
				pinned = append(pinned, r)
			case r.Digest == "":
				open = append(open, r)
			}
		}
	}
	return removeEntries(f, func(image string) bool {
		about := func(r registry.Reference) bool { return names(image, r) }
		return slices.ContainsFunc(pinned, about) && !slices.ContainsFunc(open, about)
	})
}
