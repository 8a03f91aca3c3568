package bump

import (
	"maps"
	"slices"
)

// gone says which of the fields that the old schema names the new one does not. It
// looks at names only, wherever they stand: that the schema lets such a field pass
// does not help those who rely on it.
func gone(old, next any) string {
	before, after := map[field]bool{}, map[field]bool{}
	fields(old, "", before)
	fields(next, "", after)
	for _, f := range slices.SortedFunc(maps.Keys(before), field.compare) {
		if !after[f] {
			return say(f.at, "the field %q is gone", f.name)
		}
	}
	return ""
}

// field is a field of the objects at a place.
type field struct{ at, name string }

func (f field) compare(other field) int {
	return slices.Compare([]string{f.at, f.name}, []string{other.at, other.name})
}

// fields collects the fields that a schema names. One that must not be there is
// none.
func fields(schema any, at string, all map[field]bool) {
	keywords, ok := schema.(map[string]any)
	if !ok {
		return
	}
	for name, member := range named(keywords, "properties") {
		if !acceptsNothing(member) {
			all[field{at, name}] = true
			fields(member, join(at, name), all)
		}
	}
	for _, keyword := range []string{"allOf", "anyOf", "oneOf"} {
		for _, part := range list(keywords, keyword) {
			fields(part, at, all)
		}
	}
	for _, keyword := range []string{"if", "then", "else"} {
		fields(keywords[keyword], at, all)
	}
	for _, part := range named(keywords, "dependentSchemas") {
		fields(part, at, all)
	}
	for _, part := range list(keywords, "prefixItems") {
		fields(part, join(at, "items"), all)
	}
	for _, keyword := range []string{"items", "contains", "unevaluatedItems"} {
		fields(keywords[keyword], join(at, "items"), all)
	}
	for _, keyword := range []string{"additionalProperties", "unevaluatedProperties"} {
		fields(keywords[keyword], join(at, "*"), all)
	}
	for _, part := range named(keywords, "patternProperties") {
		fields(part, join(at, "*"), all)
	}
}

// acceptsNothing is true for a schema that forbids what it is about.
func acceptsNothing(schema any) bool {
	keywords, _ := schema.(map[string]any)
	never, forbids := keywords["not"]
	return schema == false || forbids && (never == true || empty(never)) || slices.ContainsFunc(list(keywords, "allOf"), acceptsNothing)
}

// newField is true when a schema for a field counts as an addition to an object that
// the schema a describes: the field may be there, and nothing that the old schema
// says may be about it. Otherwise the values that it had are known, and may be fewer.
func (c *comparison) newField(a map[string]any, name string, schema any) bool {
	if acceptsNothing(schema) || mentions(a["required"], name) || mentions(otherKeywords(a), name) {
		return false
	}
	return !slices.ContainsFunc(c.beside, func(other any) bool { return mentions(other, name) })
}

// otherKeywords are those that may speak of any field of an object and of the fields
// within it. The ones left out are compared by what they mean.
func otherKeywords(schema map[string]any) map[string]any {
	others := maps.Clone(schema)
	for _, keyword := range []string{"type", "properties", "additionalProperties", "required", "items", "prefixItems"} {
		delete(others, keyword)
	}
	return others
}

// mentions is true when a part of a schema may be about a field: its name stands
// there, as whatever it is, or something is said about fields without their names.
func mentions(value any, name string) bool {
	switch value := value.(type) {
	case string:
		return value == name
	case []any:
		return slices.ContainsFunc(value, func(item any) bool { return mentions(item, name) })
	case map[string]any:
		for key, member := range value {
			unnamed := slices.Contains([]string{"patternProperties", "propertyNames", "additionalProperties", "unevaluatedProperties"}, key) && member != true
			if key == name || unnamed || mentions(member, name) {
				return true
			}
		}
	}
	return false
}
