package compose

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/compose-spec/compose-go/v2/schema"
)

// Key is one key of the Compose Specification that a project uses.
type Key struct {
	// Pattern is the dotted path with `*` for a list item or a name that the
	// author chose: "services.*.ports.*.published".
	Pattern string
	// Path leads to the key in the model.
	Path []any
}

// vocabulary is a node in the tree of all keys that the Compose Specification
// defines.
type vocabulary struct {
	pattern string
	named   map[string]*vocabulary
	// any holds what a list item or a freely named entry may hold.
	any *vocabulary
}

// specification is the vocabulary of compose-go's own copy of the schema.
var specification = sync.OnceValue(func() *vocabulary {
	var root map[string]any
	if err := json.Unmarshal([]byte(schema.Schema), &root); err != nil {
		panic(fmt.Sprintf("compose-go ships a broken schema: %v", err))
	}
	v := &vocabulary{}
	v.add(root, root, nil)
	return v
})

// SpecificationKeys lists the pattern of every key that the Compose
// Specification defines, sorted.
func SpecificationKeys() []string {
	var patterns []string
	var walk func(v *vocabulary)
	walk = func(v *vocabulary) {
		for _, child := range v.named {
			patterns = append(patterns, child.pattern)
			walk(child)
		}
		if v.any != nil {
			walk(v.any)
		}
	}
	walk(specification())
	slices.Sort(patterns)
	return patterns
}

// add merges a schema into the vocabulary: all branches, since a key is a key
// in whichever of them it stands.
func (v *vocabulary) add(root, schema map[string]any, within []string) {
	if ref, ok := schema["$ref"].(string); ok {
		if slices.Contains(within, ref) {
			return
		}
		var target any = root
		for _, segment := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
			m, _ := target.(map[string]any)
			target = m[segment]
		}
		if m, ok := target.(map[string]any); ok {
			v.add(root, m, append(slices.Clone(within), ref))
		}
	}
	for _, group := range []string{"oneOf", "anyOf", "allOf"} {
		branches, _ := schema[group].([]any)
		for _, branch := range branches {
			if m, ok := branch.(map[string]any); ok {
				v.add(root, m, within)
			}
		}
	}
	properties, _ := schema["properties"].(map[string]any)
	for name, sub := range properties {
		if v.named == nil {
			v.named = map[string]*vocabulary{}
		}
		if v.named[name] == nil {
			v.named[name] = &vocabulary{pattern: join(v.pattern, name)}
		}
		if m, ok := sub.(map[string]any); ok {
			v.named[name].add(root, m, within)
		}
	}
	var rest []any
	if patterns, ok := schema["patternProperties"].(map[string]any); ok {
		for pattern, sub := range patterns {
			if pattern != "^x-" {
				rest = append(rest, sub)
			}
		}
	}
	rest = append(rest, schema["additionalProperties"], schema["items"])
	for _, sub := range rest {
		m, ok := sub.(map[string]any)
		if !ok {
			continue
		}
		if v.any == nil {
			v.any = &vocabulary{pattern: join(v.pattern, "*")}
		}
		v.any.add(root, m, within)
	}
}

func join(pattern, segment string) string {
	if pattern == "" {
		return segment
	}
	return pattern + "." + segment
}

// keys lists the specification's keys that a model uses, sorted by path, and
// takes the x- extensions out of it.
func (v *vocabulary) keys(value any, at []any, found []Key) []Key {
	switch value := value.(type) {
	case []any:
		if v.any != nil {
			for i, item := range value {
				found = v.any.keys(item, append(slices.Clone(at), i), found)
			}
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			if v.named != nil && strings.HasPrefix(name, "x-") {
				delete(value, name)
				continue
			}
			path := append(slices.Clone(at), name)
			switch child := v.named[name]; {
			case child != nil:
				found = append(found, Key{Pattern: child.pattern, Path: path})
				found = child.keys(value[name], path, found)
			case v.any != nil:
				found = v.any.keys(value[name], path, found)
			case v.named != nil:
				// The schema does not know it: say so with a pattern that no
				// table holds, so that it is refused.
				found = append(found, Key{Pattern: join(v.pattern, name), Path: path})
			}
		}
	}
	return found
}
