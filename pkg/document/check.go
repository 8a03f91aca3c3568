package document

import (
	"fmt"
	"slices"

	"github.com/opengpu-network/templates/pkg/finding"
	"go.yaml.in/yaml/v4"
)

// checker walks a freshly parsed tree, reports what is wrong with it and
// takes it out.
type checker struct {
	document *Document
	problems []finding.Finding
	// sizes remembers how much a node stands for once every alias below it is
	// expanded; -1 nodes while it is being counted.
	sizes map[*yaml.Node]Size
}

func (c *checker) report(rule string, node *yaml.Node, format string, args ...any) {
	c.problems = append(c.problems, finding.Finding{
		Rule: rule, Message: fmt.Sprintf(format, args...), Position: c.document.position(node),
	})
}

// bounded is false when the tree is too deep, too large, or has an alias that
// contains itself: then nothing may walk it.
func (c *checker) bounded(root *yaml.Node) bool {
	switch size := c.size(root, 1); {
	case size.Nodes > MaxNodes:
		c.report(RuleLimits, root, "holds more than %d nodes once its aliases are expanded", MaxNodes)
	case size.Bytes > MaxExpandedBytes:
		c.report(RuleLimits, root, "holds more than %d bytes once its aliases are expanded", MaxExpandedBytes)
	}
	return len(c.problems) == 0
}

// Size is how much a node stands for: nodes, and bytes of text.
type Size struct{ Nodes, Bytes int }

// Add is the sum of two sizes. It stops just above the limits: the sum of a bomb would
// overflow.
func (s Size) Add(other Size) Size {
	return Size{min(s.Nodes+other.Nodes, MaxNodes+1), min(s.Bytes+other.Bytes, MaxExpandedBytes+1)}
}

// Measure is the size of a node of a document that has been parsed.
func Measure(node *yaml.Node) Size {
	total := Size{1, len(node.Value)}
	if node.Kind == yaml.AliasNode {
		return total.Add(Measure(node.Alias))
	}
	for _, child := range node.Content {
		total = total.Add(Measure(child))
	}
	return total
}

func (c *checker) size(node *yaml.Node, depth int) Size {
	if depth > MaxDepth {
		if len(c.problems) == 0 {
			c.report(RuleLimits, node, "nests deeper than %d levels", MaxDepth)
		}
		return Size{Nodes: 1}
	}
	switch known, ok := c.sizes[node]; {
	case ok && known.Nodes < 0:
		c.report(RuleYAML, node, "has an alias that contains itself")
		return Size{Nodes: 1}
	case ok:
		return known
	}
	c.sizes[node] = Size{Nodes: -1}
	total := Size{1, len(node.Value)}
	children := node.Content
	if node.Kind == yaml.AliasNode {
		children = []*yaml.Node{node.Alias}
	}
	for _, child := range children {
		total = total.Add(c.size(child, depth+1))
	}
	c.sizes[node] = total
	return total
}

// check reports duplicate keys, keys that are no strings and unknown tags, and
// takes them out of the tree.
func (c *checker) check(node *yaml.Node, done map[*yaml.Node]bool) {
	if node.Kind == yaml.AliasNode || done[node] {
		return
	}
	done[node] = true
	if !knownTag(node) {
		c.report(RuleYAML, node, "has the tag %q, which is not for a template", node.ShortTag())
		node.Tag, node.Style = "", node.Style&^yaml.TaggedStyle
	}
	if node.Kind != yaml.MappingNode {
		for _, child := range node.Content {
			c.check(child, done)
		}
		return
	}
	seen := map[string]*yaml.Node{}
	kept := node.Content[:0:0]
	for pair := range slices.Chunk(node.Content, 2) {
		key, value := pair[0], pair[1]
		switch tag := key.ShortTag(); {
		case key.Style&yaml.TaggedStyle != 0:
			// A tag can make a merge of any key, which readers take differently.
			c.report(RuleYAML, key, "has a key with a tag")
			continue
		case key.Kind != yaml.ScalarNode || tag != "!!str" && tag != "!!merge":
			c.report(RuleYAML, key, "has a key that is not a string: quote it")
			continue
		case seen[key.Value] != nil:
			c.report(RuleDuplicateKey, key, "key %q is already given on line %d", key.Value, seen[key.Value].Line)
			c.check(value, done)
			continue
		case tag == "!!merge" && !mergeable(value):
			c.report(RuleYAML, value, "`<<` takes a mapping, an alias of one, or a list of these")
			continue
		}
		seen[key.Value] = key
		c.check(value, done)
		kept = append(kept, key, value)
	}
	node.Content = kept
}

// knownTag is true for what YAML's core schema defines. Compose's own !reset
// and !override are not among them: versions of Compose take them differently,
// and a file that stands alone has no use for them. Nor is !!binary, which hides
// text from whoever reads the file.
func knownTag(node *yaml.Node) bool {
	switch node.ShortTag() {
	case "", "!!str", "!!int", "!!float", "!!bool", "!!null", "!!map", "!!seq", "!!merge", "!!timestamp":
		return true
	default:
		return false
	}
}

func mergeable(node *yaml.Node) bool {
	switch node = resolve(node); node.Kind {
	case yaml.MappingNode:
		return true
	case yaml.SequenceNode:
		return !slices.ContainsFunc(node.Content, func(n *yaml.Node) bool { return resolve(n).Kind != yaml.MappingNode })
	default:
		return false
	}
}

// resolve follows an alias to what it stands for.
func resolve(node *yaml.Node) *yaml.Node {
	for node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	return node
}
