package document

import (
	"strings"
	"unicode/utf8"

	"github.com/opengpu-network/templates/pkg/finding"
	"go.yaml.in/yaml/v4"
)

// Match is how far a path led into a tree.
type Match struct {
	// Key is the key of the deepest mapping entry that was reached, nil at the
	// top level and for a list item.
	Key *yaml.Node
	// Node is the deepest node that was reached, aliases followed.
	Node *yaml.Node
	// Depth is how many steps of the path were taken.
	Depth int
	// Complete is true when the path led to the node, or into a scalar: the
	// short form of something larger, as in "8080:80".
	Complete bool
}

// Find follows path from node: strings are keys, ints are indexes. A key is
// also found in a list of "key=value" or "key:value" scalars.
func Find(node *yaml.Node, path []any) Match {
	match := Match{Node: resolve(node)}
	for ; match.Depth < len(path); match.Depth++ {
		key, next := step(match.Node, path[match.Depth])
		if next == nil {
			match.Complete = match.Node.Kind == yaml.ScalarNode && match.Node.ShortTag() != "!!null"
			return match
		}
		if key != nil {
			match.Key = key
		} else {
			match.Key = nil
		}
		match.Node = resolve(next)
	}
	match.Complete = true
	return match
}

func step(node *yaml.Node, segment any) (key, value *yaml.Node) {
	switch segment := segment.(type) {
	case string:
		if node.Kind == yaml.SequenceNode {
			return nil, item(node, segment)
		}
		for key, value := range Pairs(node) {
			if key.Value == segment {
				return key, value
			}
		}
	case int:
		if node.Kind == yaml.SequenceNode && segment >= 0 && segment < len(node.Content) {
			return nil, node.Content[segment]
		}
	}
	return nil, nil
}

// item finds the scalar that gives key in a list such as `- KEY=value`. The
// last one wins, as it does when the list is read.
func item(list *yaml.Node, key string) (found *yaml.Node) {
	for _, child := range list.Content {
		if child = resolve(child); child.Kind != yaml.ScalarNode {
			continue
		}
		if rest, ok := strings.CutPrefix(child.Value, key); ok && (rest == "" || rest[0] == '=' || rest[0] == ':') {
			found = child
		}
	}
	return found
}

// Locate returns the place of the node that path leads to. A scalar has the
// place of its value, a collection that of its key, and something absent that
// of the key that should hold it.
func (d *Document) Locate(path []any) finding.Position {
	return d.At(Find(d.Root, path))
}

// At returns the place of a match; see Locate.
func (d *Document) At(match Match) finding.Position {
	switch {
	case match.Key != nil && (!match.Complete || !onKeyLine(match)):
		return d.position(match.Key)
	case match.Node == d.Root:
		return finding.Position{File: d.File, Line: 1, Column: 1}
	default:
		return d.position(match.Node)
	}
}

// onKeyLine is true when the value is a scalar that is best shown itself.
func onKeyLine(match Match) bool {
	return match.Node.Kind == yaml.ScalarNode && match.Node.ShortTag() != "!!null"
}

// Position returns the place of a node of this document.
func (d *Document) Position(node *yaml.Node) finding.Position { return d.position(node) }

func (d *Document) position(node *yaml.Node) finding.Position {
	p := finding.Position{File: d.File, Line: node.Line, Column: node.Column}
	if node.Line < 1 || node.Line > len(d.lines) {
		return p
	}
	// The library counts a tag or an anchor as the node's start; that is fine.
	rest, ok := skip(d.lines[node.Line-1], node.Column-1)
	if !ok {
		return p
	}
	p.EndLine, p.EndColumn = node.Line, node.Column+length(rest, node)
	return p
}

// skip is what follows the first n code points of a line.
func skip(line string, n int) (rest string, ok bool) {
	for i := range line {
		if n == 0 {
			return line[i:], true
		}
		n--
	}
	return "", false
}

// length is how many code points of text, which starts at the node, belong to
// it; a node that goes on in the next line ends with this one.
func length(text string, node *yaml.Node) int {
	rest := strings.TrimRight(text, " \t")
	switch {
	case node.Kind == yaml.AliasNode || node.Kind != yaml.ScalarNode:
		if end := strings.IndexAny(rest, " ,:#]}"); end > 0 && node.Kind == yaml.AliasNode {
			rest = rest[:end]
		}
	case node.Style&yaml.DoubleQuotedStyle != 0:
		for i := 1; i < len(rest); i++ {
			if rest[i] == '\\' {
				i++
			} else if rest[i] == '"' {
				rest = rest[:i+1]
			}
		}
	case node.Style&yaml.SingleQuotedStyle != 0:
		for i := 1; i < len(rest); i++ {
			if rest[i] != '\'' {
				continue
			}
			if i+1 < len(rest) && rest[i+1] == '\'' {
				i++
				continue
			}
			rest = rest[:i+1]
		}
	case strings.HasPrefix(rest, node.Value) && node.Value != "":
		rest = node.Value
	}
	return utf8.RuneCountInString(rest)
}
