package document

import (
	"math"

	"go.yaml.in/yaml/v4"
)

// Value returns the document as plain data: map[string]any, []any, string,
// int, float64, bool and nil, with aliases and merge keys resolved.
func (d *Document) Value() map[string]any {
	m, _ := Value(d.Root).(map[string]any)
	return m
}

// Value returns a node as plain data, like Document.Value. Numbers that no
// other format can hold (.inf, .nan, integers beyond 64 bits) and dates stay
// the text that was written.
func Value(node *yaml.Node) any {
	node = resolve(node)
	switch node.Kind {
	case yaml.MappingNode:
		m := map[string]any{}
		for key, value := range Pairs(node) {
			// An explicit key comes before merged ones, an earlier merge before
			// a later one.
			if _, ok := m[key.Value]; !ok {
				m[key.Value] = Value(value)
			}
		}
		return m
	case yaml.SequenceNode:
		list := make([]any, 0, len(node.Content))
		for _, child := range node.Content {
			list = append(list, Value(child))
		}
		return list
	}
	switch node.ShortTag() {
	case "!!str", "!!timestamp":
		return node.Value
	}
	var v any
	if err := node.Decode(&v); err != nil {
		return node.Value
	}
	switch n := v.(type) {
	case float64:
		if math.IsNaN(n) || math.IsInf(n, 0) {
			return node.Value
		}
	case nil, bool, string, int:
	default:
		return node.Value
	}
	return v
}

// Pairs yields a mapping's keys and values, its own first, then those of its
// merge keys.
func Pairs(node *yaml.Node) func(yield func(key, value *yaml.Node) bool) {
	return func(yield func(key, value *yaml.Node) bool) { yieldPairs(node, yield) }
}

func yieldPairs(node *yaml.Node, yield func(key, value *yaml.Node) bool) bool {
	node = resolve(node)
	if node.Kind == yaml.SequenceNode {
		for _, child := range node.Content {
			if !yieldPairs(child, yield) {
				return false
			}
		}
		return true
	}
	if node.Kind != yaml.MappingNode {
		return true
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if key := node.Content[i]; key.ShortTag() != "!!merge" && !yield(key, node.Content[i+1]) {
			return false
		}
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].ShortTag() == "!!merge" && !yieldPairs(node.Content[i+1], yield) {
			return false
		}
	}
	return true
}
