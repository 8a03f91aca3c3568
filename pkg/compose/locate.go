package compose

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/opengpu-network/templates/pkg/document"
	"github.com/opengpu-network/templates/pkg/finding"
	"go.yaml.in/yaml/v4"
)

// A layer is one place that has a say in a section's entry: a service in the
// compose file, the service that it extends, the same in an included file.
type layer struct {
	source *source
	match  document.Match
}

// locator finds positions of paths in the given model. It works only when it
// is asked: a clean file costs nothing.
func (r *resolver) locator(model map[string]any) func(path []any) finding.Position {
	return func(path []any) finding.Position {
		if len(path) < 2 {
			return r.main.doc.Locate(path)
		}
		section, ok := path[0].(string)
		name, named := path[1].(string)
		if !ok || !named {
			return r.main.doc.Locate(path)
		}
		layers := r.layers(section, name)
		if len(layers) == 0 {
			return r.main.doc.Locate(path)
		}
		best := layers[0]
		best.match = r.descend(best, path)
		for i, l := range layers {
			l.match = r.descend(l, r.own(model, layers[i:], path))
			if l.match.Complete {
				return l.source.doc.At(l.match)
			}
			if l.match.Depth > best.match.Depth {
				best = l
			}
		}
		return best.source.doc.At(best.match)
	}
}

func (r *resolver) descend(l layer, path []any) document.Match {
	return document.Find(l.source.doc.Root, append([]any{path[0], l.entry()}, path[2:]...))
}

// entry is the name that the layer's entry has in its own file.
func (l layer) entry() string { return l.match.Key.Value }

// layers lists where an entry of a section is written, what overrides first.
func (r *resolver) layers(section, name string) (all []layer) {
	seen := map[*yaml.Node]bool{}
	var add func(s *source, name string)
	add = func(s *source, name string) {
		match := document.Find(s.doc.Root, []any{section, name})
		if match.Depth < 2 || match.Key == nil || seen[match.Key] {
			return
		}
		seen[match.Key] = true
		all = append(all, layer{s, match})
		if next, service, node := r.extended(s, name); section == "services" && node != nil && next != nil {
			if document.Find(next.doc.Root, []any{"services", service}).Depth == 2 {
				add(next, service)
			} else {
				for _, included := range next.includes {
					add(included, service)
				}
			}
		}
	}
	var visit func(s *source, depth int)
	visit = func(s *source, depth int) {
		add(s, name)
		for _, included := range s.includes {
			if depth < maxSources {
				visit(included, depth+1)
			}
		}
	}
	visit(r.main, 0)
	return all
}

// own translates the index of a list item in the model into the index that
// the item has in the first layer's own list. A list in the model may be the
// sum of several, and one item in the file may be several in the model.
func (r *resolver) own(model map[string]any, layers []layer, path []any) []any {
	at := slices.IndexFunc(path, func(segment any) bool { _, ok := segment.(int); return ok })
	if at != 3 || path[0] != "services" {
		return path
	}
	raw := r.descend(layers[0], path[:at])
	if !raw.Complete || raw.Node.Kind != yaml.SequenceNode {
		return path
	}
	index, _ := path[at].(int)
	list, _ := dig(model, path[:at]).([]any)
	if index < 0 || index >= len(list) || len(list) == len(raw.Node.Content) && r.alone(layers, path[:at]) {
		return path
	}
	key, _ := path[at-1].(string)
	if i, ok := r.places(key, raw.Node)[written(list[index])]; ok {
		return slices.Concat(path[:at], []any{i}, path[at+1:])
	}
	// Not in this layer: a path that leads nowhere makes the next one asked.
	return slices.Concat(path[:at], []any{-1}, path[at+1:])
}

// alone is true when no other layer adds to the list.
func (r *resolver) alone(layers []layer, path []any) bool {
	return !slices.ContainsFunc(layers[1:], func(l layer) bool { return r.descend(l, path).Complete })
}

// places says at which index of a list, as written, stands what becomes an item of the
// model.
func (r *resolver) places(key string, list *yaml.Node) map[string]int {
	if known, ok := r.indexes[list]; ok {
		return known
	}
	index := map[string]int{}
	if len(list.Content) > 0 {
		r.canonical(key, list.Content)
	}
	for i, item := range list.Content {
		for _, candidate := range r.items[item] {
			if _, ok := index[written(candidate)]; !ok {
				index[written(candidate)] = i
			}
		}
	}
	r.indexes[list] = index
	return index
}

// written is a value of a model as text: the same for the same values.
func written(value any) string {
	text, _ := json.Marshal(value)
	return string(text)
}

// canonical finds out what list items, as written, become in the model. It asks about
// all of them together; where that gives more or fewer items than there are, it asks
// about each half.
func (r *resolver) canonical(key string, items []*yaml.Node) {
	if _, known := r.items[items[0]]; known {
		return
	}
	values := make([]any, len(items))
	for i, item := range items {
		values[i] = document.Value(item)
	}
	var list []any
	model, err := r.runOne(context.Background(), "item", serviceWith("item", key, values))
	if err == nil {
		list, _ = dig(meaning(restored(model, r.port)), []any{"services", "item", key}).([]any)
	}
	switch {
	case len(items) == 1:
		r.items[items[0]] = list
	case len(list) == len(items):
		for i, item := range items {
			r.items[item] = list[i : i+1]
		}
	default:
		r.canonical(key, items[:len(items)/2])
		r.canonical(key, items[len(items)/2:])
	}
}

func dig(value any, path []any) any {
	for _, segment := range path {
		switch v := value.(type) {
		case map[string]any:
			name, _ := segment.(string)
			value = v[name]
		case []any:
			i, ok := segment.(int)
			if !ok || i < 0 || i >= len(v) {
				return nil
			}
			value = v[i]
		default:
			return nil
		}
	}
	return value
}
