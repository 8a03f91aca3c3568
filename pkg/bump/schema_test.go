package bump

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
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
}

// TestNewField: a new field in an input is an addition only where nothing was known
// of it. Each pair is what an input accepted and what it accepts now.
func TestNewField(t *testing.T) {
	for _, c := range []struct {
		old, next string
		ok        bool
	}{
		{"{type: object}", "{type: object, properties: {a: {type: string}}}", true},
		{"{}", "{type: [object, string, number, boolean, array, 'null'], properties: {a: {const: 1}}}", true},
		{"{properties: {b: {}}}", "{properties: {b: {}, a: {const: 1}}}", true},
		{"{anyOf: [{required: [b]}, {required: [c]}]}", "{anyOf: [{required: [b]}, {required: [c]}], properties: {a: {const: 1}}}", true},
		{"{properties: {args: {type: object}}}", "{properties: {args: {type: object, properties: {a: {const: 1}}}}}", true},
		{"{properties: {a: {}, args: {type: object}}}", "{properties: {a: {}, args: {type: object, properties: {a: {const: 1}}}}}", true},
		{"{items: {type: object}}", "{items: {type: object, properties: {a: {const: 1}}}}", true},
		// The old schema names it.
		{"{required: [a]}", "{required: [a], properties: {a: {const: 1}}}", false},
		{"{required: [a]}", "{required: [a], properties: {a: {description: A.}}}", true},
		{"{allOf: [{properties: {a: {type: [string, object]}}}]}", "{allOf: [{properties: {a: {type: [string, object]}}}], properties: {a: {const: x}}}", false},
		{"{anyOf: [{properties: {a: {type: [string, object]}}}]}", "{anyOf: [{properties: {a: {type: [string, object]}}}], properties: {a: {const: x}}}", false},
		{"{oneOf: [{required: [a]}, {required: [b]}]}", "{oneOf: [{required: [a]}, {required: [b]}], properties: {a: {const: x}}}", false},
		{"{not: {required: [a]}}", "{not: {required: [a]}, properties: {a: {const: x}}}", false},
		{"{if: {required: [a]}, then: {required: [b]}}", "{if: {required: [a]}, then: {required: [b]}, properties: {a: {const: x}}}", false},
		{"{dependentRequired: {a: [b]}}", "{dependentRequired: {a: [b]}, properties: {a: {const: x}}}", false},
		{"{dependentRequired: {b: [a]}}", "{dependentRequired: {b: [a]}, properties: {a: {const: x}}}", false},
		{"{dependentSchemas: {a: {required: [b]}}}", "{dependentSchemas: {a: {required: [b]}}, properties: {a: {const: x}}}", false},
		{"{patternProperties: {^a: {type: string}}}", "{patternProperties: {^a: {type: string}}, properties: {a: {const: x}}}", false},
		{"{allOf: [{patternProperties: {^a: {type: string}}}]}", "{allOf: [{patternProperties: {^a: {type: string}}}], properties: {a: {const: x}}}", false},
		{"{propertyNames: {maxLength: 5}}", "{propertyNames: {maxLength: 5}, properties: {a: {const: x}}}", false},
		{"{unevaluatedProperties: {type: string}}", "{properties: {a: {const: x}}}", false},
		{"{additionalProperties: {type: string}}", "{additionalProperties: {type: string}, properties: {a: {const: x}}}", false},
		{"{x-rules: {a: string}}", "{x-rules: {a: string}, properties: {a: {const: x}}}", false},
		// It is named further up, or beside the part that is compared.
		{"{allOf: [{properties: {args: {properties: {a: {}}}}}], properties: {args: {type: object}}}",
			"{allOf: [{properties: {args: {properties: {a: {}}}}}], properties: {args: {type: object, properties: {a: {const: x}}}}}", false},
		{"{properties: {a: {type: string}}, allOf: [{type: object}]}", "{properties: {a: {const: x}}, allOf: [{type: object}]}", false},
		{"{properties: {a: {type: string}}, anyOf: [{type: object}]}", "{properties: {a: {const: x}}, anyOf: [{type: object}]}", false},
		{"{contains: {required: [a]}, items: {type: object}}", "{contains: {required: [a]}, items: {type: object, properties: {a: {const: x}}}}", false},
		// What must not be there is no addition.
		{"{type: object}", "{type: object, properties: {b: {const: 1}, a: false}}", false},
		{"{type: object}", "{type: object, properties: {a: {not: {}}}}", false},
		{"{type: object}", "{type: object, properties: {a: {allOf: [false]}}}", false},
		{"{type: object}", "{type: object, required: [a], properties: {a: {const: 1}}}", false},
		{"{type: object}", "{type: object, additionalProperties: false, properties: {a: {const: 1}}}", false},
	} {
		if reason := Within(schema(t, c.old), schema(t, c.next), Input); (reason == "") != c.ok {
			t.Errorf("%s → %s: %q", c.old, c.next, reason)
		}
	}
	if Within(schema(t, "{type: object}"), schema(t, "{type: object, properties: {a: {type: string}}}"), Output) == "" {
		t.Error("a result may lack what was promised")
	}
}

// TestFieldGone: a field that is no longer named is a reason in both directions, also
// where it still passes. Each pair is the old schema and the new one.
func TestFieldGone(t *testing.T) {
	for _, c := range []struct {
		old, next string
		ok        bool
	}{
		{"{properties: {a: {}}}", "{}", false},
		{"{properties: {a: {}}}", "{description: Anything.}", false},
		{"{properties: {args: {type: object, properties: {a: {}}}}}", "{properties: {args: {description: Anything.}}}", false},
		{"{properties: {args: {properties: {a: {}}}}}", "{properties: {args: true}}", false},
		{"{properties: {a: {}}, allOf: [{type: object}]}", "{type: object}", false},
		{"{items: {properties: {a: {}}}}", "{items: {}}", false},
		{"{additionalProperties: {properties: {a: {}}}}", "{}", false},
		{"{properties: {a: false}}", "{}", true},
	} {
		if reason := Within(schema(t, c.old), schema(t, c.next), Input); (reason == "") != c.ok {
			t.Errorf("input: %s → %s: %q", c.old, c.next, reason)
		}
	}
	for _, c := range []struct {
		old, next string
		ok        bool
	}{
		{"{properties: {a: {}}}", "{type: object}", false},
		{"{properties: {a: {type: string}}}", "{properties: {a: false}}", false},
		{"{properties: {a: {type: string}}}", "{allOf: [{properties: {a: {type: string}}}]}", true},
		{"{properties: {a: {type: object, properties: {b: {}}}}}", "{properties: {a: {type: object, maxProperties: 1}}}", false},
	} {
		if reason := Within(schema(t, c.next), schema(t, c.old), Output); (reason == "") != c.ok {
			t.Errorf("output: %s → %s: %q", c.old, c.next, reason)
		}
	}
}

// TestWithinNeverLies makes schemas by chance and values that they accept: what is
// said to be within another is. In an input the one exception is a value with a new
// field.
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
	for _, direction := range []Direction{Output, Input} {
		proven, excepted := 0, 0
		for range 8000 {
			a := chance(source, 2)
			b := mutate(source, a)
			if source.IntN(4) == 0 {
				b = chance(source, 2)
			}
			if Within(a, b, direction) != "" {
				continue
			}
			if !equal(a, b) {
				proven++
			}
			from, to := compiled(t, a), compiled(t, b)
			for _, value := range values {
				if len(from.Validate(value)) > 0 || len(to.Validate(value)) == 0 {
					continue
				}
				if direction == Input && hasNewField([]any{a}, []any{b}, value) {
					excepted++
					continue
				}
				x, _ := json.Marshal(a)
				y, _ := json.Marshal(b)
				t.Fatalf("%s is said to be within %s, and %v is not", x, y, value)
			}
		}
		if proven < 200 || direction == Input && excepted == 0 {
			t.Errorf("only %d pairs were proven, and %d values excepted: the test says little", proven, excepted)
		}
	}
}

// hasNewField is true when a value has, at any place, a field that no old schema for
// this place speaks of and a new one describes.
func hasNewField(old, next []any, value any) bool {
	old, next = conjoined(old), conjoined(next)
	switch value := value.(type) {
	case []any:
		return slices.ContainsFunc(value, func(item any) bool { return hasNewField(entriesOf(old), entriesOf(next), item) })
	case map[string]any:
		for name, member := range value {
			before, known := fieldsOf(old, name)
			after, _ := fieldsOf(next, name)
			described := slices.ContainsFunc(next, func(s any) bool {
				schema, ok := named(s.(map[string]any), "properties")[name]
				return ok && schema != false
			})
			if !known && described || hasNewField(before, after, member) {
				return true
			}
		}
	}
	return false
}

// conjoined lists the schemas and all that are about the same values.
func conjoined(schemas []any) (all []any) {
	for _, schema := range schemas {
		keywords, ok := schema.(map[string]any)
		if !ok {
			continue
		}
		all = append(all, keywords)
		for _, keyword := range []string{"allOf", "anyOf", "oneOf"} {
			all = append(all, conjoined(list(keywords, keyword))...)
		}
		for _, keyword := range []string{"not", "if", "then", "else"} {
			all = append(all, conjoined([]any{keywords[keyword]})...)
		}
	}
	return all
}

func entriesOf(schemas []any) (all []any) {
	for _, schema := range schemas {
		keywords := schema.(map[string]any)
		all = append(append(all, list(keywords, "prefixItems")...), keywords["items"], keywords["contains"])
	}
	return all
}

// fieldsOf lists the schemas of a field, and whether any says something of it.
func fieldsOf(schemas []any, name string) (all []any, known bool) {
	for _, schema := range schemas {
		keywords := schema.(map[string]any)
		if schema, ok := named(keywords, "properties")[name]; ok {
			all, known = append(all, schema), true
		}
		for _, schema := range named(keywords, "patternProperties") {
			all, known = append(all, schema), true
		}
		for _, keyword := range []string{"additionalProperties", "unevaluatedProperties", "propertyNames"} {
			if schema, ok := keywords[keyword]; ok && schema != true {
				all, known = append(all, schema), true
			}
		}
		known = known || slices.Contains(list(keywords, "required"), any(name)) || slices.ContainsFunc(append(list(keywords, "enum"), keywords["const"]), func(value any) bool {
			object, _ := value.(map[string]any)
			_, has := object[name]
			return has
		})
	}
	return all, known
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
	for _, name := range slices.Sorted(maps.Keys(out)) { // the same each time
		if r.IntN(4) == 0 {
			delete(out, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(other)) {
		if r.IntN(6) == 0 {
			out[name] = other[name]
		}
	}
	for _, name := range []string{"minimum", "maximum", "minLength", "maxLength", "minItems"} {
		if n, ok := out[name].(float64); ok && r.IntN(2) == 0 {
			out[name] = max(0, n+float64(r.IntN(3)-1))
		}
	}
	if properties, ok := out["properties"].(map[string]any); ok {
		for _, name := range slices.Sorted(maps.Keys(properties)) {
			if sub, ok := properties[name].(map[string]any); ok && r.IntN(2) == 0 {
				properties[name] = mutate(r, sub)
			}
		}
	}
	return out
}
