package bump

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/opengpu-network/templates/pkg/document"
	"go.yaml.in/yaml/v4"
)

func schema(t testing.TB, text string) map[string]any {
	t.Helper()
	var value map[string]any
	if err := yaml.Unmarshal([]byte(text), &value); err != nil {
		t.Fatal(err)
	}
	return value
}

// TestWithin holds pairs of schemas against each other: whether what the first
// accepts is proven to be accepted by the second.
func TestWithin(t *testing.T) {
	for _, c := range []struct {
		a, b string
		ok   bool
	}{
		{"{type: integer}", "{type: number}", true},
		{"{type: number}", "{type: integer}", false},
		{"{type: string}", "{type: [string, 'null']}", true},
		{"{}", "{type: string}", false},
		{"{type: string, minLength: 2}", "{minLength: 1}", true},
		{"{minLength: 1}", "{type: string, minLength: 1}", false},
		{"{type: integer, minimum: 2}", "{exclusiveMinimum: 1.5}", true},
		{"{type: integer, exclusiveMinimum: 1}", "{minimum: 1}", true},
		{"{type: number, minimum: 1}", "{exclusiveMinimum: 1}", false},
		{"{type: number, maximum: 1}", "{exclusiveMaximum: 1}", false},
		{"{type: number, exclusiveMaximum: 1}", "{maximum: 1}", true},
		{"{type: number, multipleOf: 6}", "{multipleOf: 3}", true},
		{"{type: number, multipleOf: 3}", "{multipleOf: 6}", false},
		{"{type: integer}", "{multipleOf: 0.5}", true},
		{"{type: string}", "{minimum: 5}", true},
		{"{const: 5}", "{type: integer, minimum: 5}", true},
		{"{enum: [a, b]}", "{enum: [b, a, c]}", true},
		{"{enum: [a, 1]}", "{type: string}", false},
		{"{type: boolean}", "{enum: [true, false]}", true},
		{"{type: boolean}", "{const: true}", false},
		{"{type: string}", "{enum: [a]}", false},
		{"{anyOf: [{type: string}, {type: integer}]}", "{type: [string, number]}", true},
		{"{type: string}", "{anyOf: [{type: string}, {type: integer}]}", true},
		{"{type: string}", "{oneOf: [{type: string}, {type: integer}]}", false},
		{"{oneOf: [{type: string}, {type: integer}]}", "{anyOf: [{type: integer}, {type: string}]}", true},
		{"{allOf: [{type: string}, {minLength: 3}]}", "{type: string}", true},
		{"{type: string, minLength: 3}", "{allOf: [{type: string}, {minLength: 2}]}", true},
		{"{type: array, items: {type: integer}}", "{type: array, items: {type: number}}", true},
		{"{type: array}", "{type: array, items: {type: number}}", false},
		{"{type: array, prefixItems: [{type: integer}], items: false}", "{type: array, items: {type: integer}}", true},
		{"{type: array, prefixItems: [{type: string}]}", "{type: array, items: {type: integer}}", false},
		{"{type: object, additionalProperties: false}", "{type: object, additionalProperties: {type: string}}", true},
		{"{type: object}", "{type: object, additionalProperties: false}", false},
		{"{type: object, required: [a]}", "{type: object, required: [a, b]}", false},
		{"{type: array}", "{type: array, uniqueItems: true}", false},
		{"{type: array, uniqueItems: true}", "{type: array, uniqueItems: false}", true},
		{"{type: string, pattern: a}", "{type: string}", true},
		{"{type: string}", "{type: string, format: date}", false},
		{"{type: string, title: x}", "{type: string, title: y}", true},
		{"{type: object, properties: {title: {type: string}}}", "{type: object, properties: {title: {type: integer}}}", false},
		{"{type: object, properties: {a: {}}}", "{type: object}", false},
		{"{type: string, x-unknown: 1}", "{type: string, x-unknown: 2}", false},
		{"{$ref: '#/a', type: string}", "{$ref: '#/a'}", false},
		{"{if: {type: string}, then: {minLength: 1}}", "{if: {type: integer}, then: {minLength: 1}}", false},
	} {
		for _, direction := range []Direction{Input, Output} {
			want := c.ok
			if reason := Within(schema(t, c.a), schema(t, c.b), direction); (reason == "") != want && c.a != "{type: object, properties: {a: {}}}" {
				t.Errorf("%s within %s: %q", c.a, c.b, reason)
			}
		}
	}
	// The one exception, for inputs only.
	open, more := schema(t, "{type: object}"), schema(t, "{type: object, properties: {a: {type: string}}}")
	if reason := Within(open, more, Input); reason != "" {
		t.Error(reason)
	}
	if Within(open, more, Output) == "" {
		t.Error("a result may lack what was promised")
	}
	if Within(more, open, Input) == "" {
		t.Error("a field that is gone")
	}
}

// TestWithinNeverLies makes schemas by chance and values that they accept: what is
// said to be within another is.
func TestWithinNeverLies(t *testing.T) {
	source := rand.New(rand.NewPCG(1, 2))
	values := []any{nil, true, false, "", "a", "ab", "abc", 0, 1, 2, 3, 4, 1.5, -1, []any{1, 1}, []any{"a", "a"}, []any{1, "a", 1}}
	for range 60 {
		switch source.IntN(2) {
		case 0:
			var list []any
			for range source.IntN(3) {
				list = append(list, values[source.IntN(len(values))])
			}
			values = append(values, append([]any{}, list...))
		default:
			object := map[string]any{}
			for _, name := range []string{"a", "b", "c"} {
				if source.IntN(2) == 0 {
					object[name] = values[source.IntN(len(values))]
				}
			}
			values = append(values, object)
		}
	}
	proven := 0
	for range 4000 {
		a := chance(source, 2)
		b := mutate(source, a)
		if source.IntN(4) == 0 {
			b = chance(source, 2)
		}
		// Output has no exception.
		if Within(a, b, Output) != "" {
			continue
		}
		if !equal(a, b) {
			proven++
		}
		from, to := compiled(t, a), compiled(t, b)
		for _, value := range values {
			if len(from.Validate(value)) == 0 && len(to.Validate(value)) > 0 {
				x, _ := json.Marshal(a)
				y, _ := json.Marshal(b)
				t.Fatalf("%s is said to be within %s, and %v is not", x, y, value)
			}
		}
	}
	if proven < 100 {
		t.Errorf("only %d pairs were proven: the test says little", proven)
	}
}

func compiled(t *testing.T, schema map[string]any) *document.Schema {
	t.Helper()
	text, err := json.Marshal(schema)
	if err != nil {
		t.Fatal(err)
	}
	c, err := document.CompileSchema("function", text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return c
}

// chance makes a schema.
func chance(r *rand.Rand, depth int) map[string]any {
	s := map[string]any{}
	some := func(n int) bool { return r.IntN(n) == 0 }
	if !some(3) {
		s["type"] = []any{"string", "integer", "number", "object", "array", "boolean", "null", []any{"string", "integer"}, []any{"object", "array"}}[r.IntN(9)]
	}
	for _, keyword := range []string{"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"} {
		if some(8) {
			s[keyword] = r.IntN(4)
		}
	}
	if some(10) {
		s["multipleOf"] = []any{1, 2, 0.5, 3}[r.IntN(4)]
	}
	if some(10) {
		s["uniqueItems"] = some(2)
	}
	if some(10) {
		s["enum"] = []any{"a", 1, nil, true, []any{}}[:1+r.IntN(5)]
	}
	if some(12) {
		s["pattern"] = []string{"a", "^a", "b$"}[r.IntN(3)]
	}
	if some(4) {
		s["required"] = []any{"a", "b", "c"}[:r.IntN(4)]
	}
	if depth == 0 {
		return s
	}
	sub := func() any {
		if some(6) {
			return some(2)
		}
		return chance(r, depth-1)
	}
	if some(3) {
		properties := map[string]any{}
		for _, name := range []string{"a", "b", "c"} {
			if some(2) {
				properties[name] = sub()
			}
		}
		s["properties"] = properties
	}
	for _, keyword := range []string{"additionalProperties", "items", "not", "propertyNames", "contains", "if", "then", "else", "unevaluatedProperties"} {
		if some(8) {
			s[keyword] = sub()
		}
	}
	if some(10) {
		s["patternProperties"] = map[string]any{"^[ab]": sub()}
	}
	for _, keyword := range []string{"allOf", "anyOf", "oneOf", "prefixItems"} {
		if some(8) {
			s[keyword] = []any{sub(), sub()}
		}
	}
	return s
}

// mutate changes a schema in one or a few places.
func mutate(r *rand.Rand, s map[string]any) map[string]any {
	text, _ := json.Marshal(s)
	var out map[string]any
	if err := json.Unmarshal(text, &out); err != nil {
		panic(fmt.Sprint(err))
	}
	other := chance(r, 1)
	for name := range out {
		if r.IntN(4) == 0 {
			delete(out, name)
		}
	}
	for name, value := range other {
		if r.IntN(6) == 0 {
			out[name] = value
		}
	}
	for _, name := range []string{"minimum", "maximum", "minLength", "maxLength", "minItems"} {
		if n, ok := out[name].(float64); ok && r.IntN(2) == 0 {
			out[name] = max(0, n+float64(r.IntN(3)-1))
		}
	}
	if properties, ok := out["properties"].(map[string]any); ok {
		for name, value := range properties {
			if sub, ok := value.(map[string]any); ok && r.IntN(2) == 0 {
				properties[name] = mutate(r, sub)
			}
		}
	}
	return out
}
