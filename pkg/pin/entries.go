package pin

import (
	"errors"
	"fmt"
	"strings"

	"github.com/opengpu-network/templates/pkg/document"
	"go.yaml.in/yaml/v4"
)

// unpinnedKey is the manifest's list of images without a digest.
const unpinnedKey = "unpinned"

// removeEntries takes entries out of the manifest's list, with their lines,
// and the key with the last of them: an empty list would say nothing. Comments
// outside of the entries stay.
func removeEntries(f *file, drop func(image string) bool) ([]document.Edit, map[*yaml.Node]bool, error) {
	key, list := entry(f.doc.Root, unpinnedKey)
	if key == nil {
		return nil, nil, nil
	}
	text, removed := string(f.data), map[*yaml.Node]bool{}
	value, left := list, 0
	var items []*yaml.Node
	if list.Kind == yaml.AliasNode {
		list = list.Alias
	}
	for _, item := range list.Content {
		image := document.Find(item, []any{"image"})
		if image.Depth == 1 && drop(image.Node.Value) {
			items = append(items, item)
		} else {
			left++
		}
	}
	if len(items) == 0 {
		return nil, nil, nil
	}
	byHand := func(node *yaml.Node, err error) error {
		return fmt.Errorf("%s: the entry of `%s` for an image that is pinned cannot be taken out (%w): remove it by hand", at(f.doc.Position(node)), unpinnedKey, err)
	}
	if left == 0 {
		edit, err := lines(text, key, value, "")
		if err != nil {
			return nil, nil, byHand(key, err)
		}
		removed[key], removed[value] = true, true
		return []document.Edit{withBlankLines(text, edit)}, removed, nil
	}
	if list.Style&yaml.FlowStyle != 0 || list != value {
		return nil, nil, byHand(key, errors.New("the list is written in brackets, or elsewhere"))
	}
	var edits []document.Edit
	for _, item := range items {
		edit, err := lines(text, item, item, "-")
		if err != nil {
			return nil, nil, byHand(item, err)
		}
		removed[item], edits = true, append(edits, edit)
	}
	return edits, removed, nil
}

// entry finds a key and its value in a mapping, merged ones left out.
func entry(mapping *yaml.Node, name string) (key, value *yaml.Node) {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == name {
			return mapping.Content[i], mapping.Content[i+1]
		}
	}
	return nil, nil
}

// lines are the whole lines from the start of one node to the end of another.
// Nothing but the marker may stand before them, and a comment behind them.
func lines(text string, first, last *yaml.Node, marker string) (document.Edit, error) {
	at, ok := document.Offset(text, first.Line, first.Column)
	if !ok {
		return document.Edit{}, errors.New("its place is not known")
	}
	start := strings.LastIndexByte(text[:at], '\n') + 1
	if strings.Trim(strings.TrimPrefix(text[start:at], "\uFEFF"), " \t") != marker {
		return document.Edit{}, errors.New("it does not begin on a line of its own")
	}
	start += len(text[start:at]) - len(strings.TrimPrefix(text[start:at], "\uFEFF"))
	end, err := endOf(text, last)
	if err != nil {
		return document.Edit{}, err
	}
	rest, _, newline := strings.Cut(text[end:], "\n")
	if behind := strings.TrimLeft(rest, " \t\r"); behind != "" && (behind[0] != '#' || len(behind) == len(rest)) {
		return document.Edit{}, errors.New("something else stands on its last line")
	}
	if end += len(rest); newline {
		end++
	}
	return document.Edit{Start: start, End: end}, nil
}

// endOf returns the offset after a node's last byte.
func endOf(text string, node *yaml.Node) (int, error) {
	unknown := errors.New("its end is not known")
	if node.Kind == yaml.ScalarNode {
		_, end, ok := document.Span(text, node)
		if !ok {
			return 0, unknown
		}
		return end, nil
	}
	end, ok := document.Offset(text, node.Line, node.Column)
	if !ok || node.Anchor != "" {
		return 0, unknown
	}
	if node.Kind == yaml.AliasNode {
		return end + len("*") + len(node.Value), nil
	}
	if node.Style&yaml.FlowStyle != 0 {
		end++ // the opening bracket
	}
	if n := len(node.Content); n > 0 {
		var err error
		if end, err = endOf(text, node.Content[n-1]); err != nil {
			return 0, err
		}
	}
	if node.Style&yaml.FlowStyle == 0 {
		return end, nil
	}
	end += len(text[end:]) - len(strings.TrimLeft(text[end:], " \t\r\n,"))
	if end == len(text) || text[end] != ']' && text[end] != '}' {
		return 0, unknown
	}
	return end + 1, nil
}

// withBlankLines takes the blank lines before a block along when there are
// others behind it, or nothing.
func withBlankLines(text string, edit document.Edit) document.Edit {
	next, _, _ := strings.Cut(text[edit.End:], "\n")
	if strings.TrimSpace(next) != "" {
		return edit
	}
	for edit.Start > 0 {
		line := strings.LastIndexByte(text[:edit.Start-1], '\n') + 1
		if strings.TrimSpace(text[line:edit.Start]) != "" {
			break
		}
		edit.Start = line
	}
	return edit
}
