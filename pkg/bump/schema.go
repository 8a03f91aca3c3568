package bump

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/opengpu-network/templates/pkg/document"
)

// Direction says which of two schemas is the older one.
type Direction bool

// The directions of Within.
const (
	// Input asks whether the new schema accepts what the old one did: the first is
	// the old one.
	Input Direction = false
	// Output asks whether what the new schema allows was allowed before: the first
	// is the new one.
	Output Direction = true
)

// maxSteps bounds the work: branches within branches multiply.
const maxSteps = 5_000

// Within is empty when it is proven that whatever schema a accepts, schema b accepts
// too, and otherwise the reason why not, or why nobody can tell. A reason completes
// the sentence "the input of function x: …". It never proves what is not so, but for
// one case that people expect: an optional field that is new in an input is an
// addition, even where the old schema let fields of any name pass; see newField.
//
// A field that the old schema names and the new one does not is a reason in either
// direction.
//
// A schema is a conjunction of its keywords. Each keyword of b has to follow from
// those of a; those of a that b lacks only help. What is not known to follow does
// not.
func Within(a, b map[string]any, direction Direction) string {
	if equal(a, b) {
		return ""
	}
	if refers(a) || refers(b) {
		return "it refers to another schema, and has changed: nobody can tell what it accepts"
	}
	from, to := stripped(a), stripped(b)
	old, next := from, to
	if direction == Output {
		old, next = to, from
	}
	if reason := gone(old, next); reason != "" {
		return reason
	}
	c := &comparison{direction: direction}
	return c.within(from, to, "")
}

// SameSchema is true when two schemas differ in nothing but annotations.
func SameSchema(a, b map[string]any) bool {
	return equal(stripped(a), stripped(b))
}

// refers is true when a schema may draw in another.
func refers(value any) bool {
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			if slices.Contains([]string{"$ref", "$dynamicRef", "$recursiveRef", "$id", "$schema"}, name) || refers(member) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(value, refers)
	}
	return false
}

// The keywords whose values hold schemas, and those that say nothing about values.
var (
	holdsOne    = []string{"items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames", "unevaluatedProperties", "unevaluatedItems"}
	holdsList   = []string{"allOf", "anyOf", "oneOf", "prefixItems"}
	holdsNamed  = []string{"properties", "patternProperties", "dependentSchemas"}
	annotations = []string{"title", "description", "default", "examples", "$comment", "deprecated", "readOnly", "writeOnly", "$defs", "definitions"}
)

// stripped is a schema without annotations. A property may have the name of one.
func stripped(schema any) any {
	keywords, ok := schema.(map[string]any)
	if !ok {
		return schema
	}
	out := map[string]any{}
	for name, value := range keywords {
		switch {
		case slices.Contains(annotations, name):
			continue
		case slices.Contains(holdsOne, name):
			value = stripped(value)
		case slices.Contains(holdsList, name):
			if list, ok := value.([]any); ok {
				all := make([]any, len(list))
				for i, item := range list {
					all[i] = stripped(item)
				}
				value = all
			}
		case slices.Contains(holdsNamed, name):
			if named, ok := value.(map[string]any); ok {
				all := map[string]any{}
				for key, item := range named {
					all[key] = stripped(item)
				}
				value = all
			}
		}
		out[name] = value
	}
	return out
}

// comparison is one run of Within.
type comparison struct {
	direction Direction
	steps     int
	// beside is what else the first schema says, outside of the part that is being
	// compared: it may be about the same values.
	beside []any
}

// say is a reason with its place.
func say(at, format string, args ...any) string {
	reason := fmt.Sprintf(format, args...)
	if at == "" {
		return reason
	}
	return "at " + at + ": " + reason
}

func (c *comparison) within(a, b any, at string) string {
	if c.steps++; c.steps > maxSteps {
		return say(at, "it is too complex to be compared")
	}
	if equal(a, b) || b == true || a == false || empty(b) {
		return ""
	}
	if b == false {
		return say(at, "%s", c.direction.words("nothing is accepted any more", "something is possible where nothing was"))
	}
	if a == true {
		a = map[string]any{}
	}
	from, ok := a.(map[string]any)
	to, ok2 := b.(map[string]any)
	if !ok || !ok2 {
		return say(at, "it is no schema")
	}
	if values, ok := finite(from); ok {
		return c.values(values, to, at)
	}
	reason := c.keywords(from, to, at)
	if reason == "" {
		return ""
	}
	// It is enough when one part of all proves it, or every one of several
	// alternatives.
	defer c.aside(from)()
	for _, part := range list(from, "allOf") {
		if c.within(part, b, at) == "" {
			return ""
		}
	}
	for _, keyword := range []string{"anyOf", "oneOf"} {
		branches := list(from, keyword)
		if len(branches) > 0 && !slices.ContainsFunc(branches, func(branch any) bool { return c.within(branch, b, at) != "" }) {
			return ""
		}
	}
	return reason
}

// aside notes what stands beside the part that is compared next, until the function
// that it returns is called.
func (c *comparison) aside(schema any) func() {
	c.beside = append(c.beside, schema)
	return func() { c.beside = c.beside[:len(c.beside)-1] }
}

// words chooses how a reason is said.
func (d Direction) words(input, output string) string {
	if d == Output {
		return output
	}
	return input
}

func empty(schema any) bool {
	keywords, ok := schema.(map[string]any)
	return ok && len(keywords) == 0
}

func list(schema map[string]any, keyword string) []any {
	values, _ := schema[keyword].([]any)
	return values
}

// finite lists all values that a schema may accept, when it names them.
func finite(schema map[string]any) ([]any, bool) {
	if value, ok := schema["const"]; ok {
		return []any{value}, true
	}
	if values, ok := schema["enum"].([]any); ok {
		return values, true
	}
	switch schema["type"] {
	case "boolean":
		return []any{false, true}, true
	case "null":
		return []any{nil}, true
	}
	return nil, false
}

// values asks whether a schema accepts each of some values.
func (c *comparison) values(values []any, schema map[string]any, at string) string {
	text, err := json.Marshal(schema)
	if err != nil {
		return say(at, "it is no schema")
	}
	// Compiling takes as long as the schema is large.
	if c.steps += len(text) / 256; c.steps > maxSteps {
		return say(at, "it is too complex to be compared")
	}
	compiled, err := document.CompileForeign("function", text)
	if err != nil {
		return say(at, "it is no schema")
	}
	for _, value := range values {
		if c.steps++; c.steps > maxSteps {
			return say(at, "it is too complex to be compared")
		}
		if len(compiled.Validate(value)) > 0 {
			shown, _ := json.Marshal(value)
			return say(at, c.direction.words("the value %.60s is no longer accepted", "the value %.60s is new"), shown)
		}
	}
	return ""
}
