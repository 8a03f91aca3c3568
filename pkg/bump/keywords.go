package bump

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// keywords asks whether each keyword of b follows from those of a.
func (c *comparison) keywords(a, b map[string]any, at string) string {
	for _, keyword := range slices.Sorted(maps.Keys(b)) {
		if reason := c.keyword(keyword, a, b, at); reason != "" {
			return reason
		}
	}
	return ""
}

func named(schema map[string]any, keyword string) map[string]any {
	members, _ := schema[keyword].(map[string]any)
	return members
}

// types lists the types that a schema may accept.
func types(schema map[string]any) []string {
	switch value := schema["type"].(type) {
	case string:
		return []string{value}
	case []any:
		var all []string
		for _, item := range value {
			name, _ := item.(string)
			all = append(all, name)
		}
		return all
	default:
		return []string{"null", "boolean", "object", "array", "number", "string"}
	}
}

func mayBe(schema map[string]any, names ...string) bool {
	return slices.ContainsFunc(types(schema), func(name string) bool { return slices.Contains(names, name) })
}

// keyword asks whether one keyword of b follows from those of a.
func (c *comparison) keyword(keyword string, a, b map[string]any, at string) string {
	changed := func(what string) string {
		return say(at, "%s is %s, and was %s", what, c.shown(b, a, keyword), c.shown(a, b, keyword))
	}
	same := equal(a[keyword], b[keyword])
	number, bounded := rational(b[keyword])
	other, otherBounded := rational(a[keyword])
	switch keyword {
	case "type":
		for _, name := range types(a) {
			if !slices.Contains(types(b), name) && !(name == "integer" && slices.Contains(types(b), "number")) {
				return changed("the type")
			}
		}
		return ""
	case "enum", "const":
		// What a accepts is not finite, or it would have been compared by value.
		return say(at, "%s", c.direction.words("only some values are accepted", "more than the values that were named is possible"))
	case "minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum":
		if !mayBe(a, "number", "integer") || bounded && withinBound(keyword, number, a) {
			return ""
		}
		return changed(keyword)
	case "multipleOf":
		if !mayBe(a, "number", "integer") || same {
			return ""
		}
		if bounded && number.Sign() > 0 {
			if otherBounded && new(big.Rat).Quo(other, number).IsInt() {
				return ""
			}
			if !mayBe(a, "number") && new(big.Rat).Inv(number).IsInt() {
				return ""
			}
		}
		return changed(keyword)
	case "minLength", "minItems", "minProperties", "maxLength", "maxItems", "maxProperties":
		kind := map[string]string{"h": "string", "s": "array"}[keyword[len(keyword)-1:]]
		if strings.HasSuffix(keyword, "Properties") {
			kind = "object"
		}
		switch {
		case !mayBe(a, kind) || same:
			return ""
		case !bounded:
		case strings.HasPrefix(keyword, "min") && (number.Sign() <= 0 || otherBounded && other.Cmp(number) >= 0):
			return ""
		case strings.HasPrefix(keyword, "max") && otherBounded && other.Cmp(number) <= 0:
			return ""
		}
		return changed(keyword)
	case "pattern", "format", "contentEncoding", "contentMediaType":
		if !mayBe(a, "string") || same {
			return ""
		}
		return changed(keyword)
	case "uniqueItems":
		if !mayBe(a, "array") || b[keyword] == false || same {
			return ""
		}
		return say(at, "%s", c.direction.words("entries must differ", "entries may be alike"))
	case "required":
		for _, name := range list(b, keyword) {
			if mayBe(a, "object") && !slices.Contains(list(a, keyword), name) {
				return say(at, c.direction.words("the field %q is required now", "the field %q may be missing now"), name)
			}
		}
		return ""
	case "properties":
		return c.properties(a, b, at)
	case "additionalProperties":
		return c.additional(a, b, at)
	case "items", "prefixItems":
		return c.items(keyword, a, b, at)
	case "allOf":
		for _, part := range list(b, keyword) {
			if reason := c.within(a, part, at); reason != "" && !same {
				return reason
			}
		}
		return ""
	case "anyOf":
		if same || slices.ContainsFunc(list(b, keyword), func(branch any) bool { return c.within(a, branch, at) == "" }) {
			return ""
		}
		return say(at, "its alternatives are others, and nobody can tell what that changes")
	case "if", "then", "else":
		if equal(a["if"], b["if"]) && equal(a["then"], b["then"]) && equal(a["else"], b["else"]) {
			return ""
		}
	case "contains", "minContains", "maxContains":
		if equal(a["contains"], b["contains"]) && equal(a["minContains"], b["minContains"]) && equal(a["maxContains"], b["maxContains"]) {
			return ""
		}
	case "unevaluatedProperties", "unevaluatedItems":
		// They depend on all other keywords, and those differ.
	default:
		if same {
			return ""
		}
	}
	return say(at, "%s is another, or stands beside something else, and nobody can tell what that changes", keyword)
}

// shown is what a schema says for a keyword: the first when inputs are compared, the
// second when outputs are.
func (c *comparison) shown(input, output map[string]any, keyword string) string {
	schema := input
	if c.direction == Output {
		schema = output
	}
	value, ok := schema[keyword]
	if !ok {
		return "not limited"
	}
	text, _ := json.Marshal(value)
	return fmt.Sprintf("%.60s", text)
}

// withinBound asks whether a bound on numbers follows from those of a schema.
func withinBound(keyword string, bound *big.Rat, a map[string]any) bool {
	side := strings.ToLower(strings.TrimPrefix(keyword, "exclusive"))
	inclusive, hasInclusive := rational(a[side])
	exclusive, hasExclusive := rational(a["exclusive"+strings.ToUpper(side[:1])+side[1:]])
	// beyond is true when x lies on the inner side of the bound, or on it.
	beyond := func(x *big.Rat, strictly bool) bool {
		order := x.Cmp(bound)
		if side == "maximum" {
			order = -order
		}
		return order > 0 || order == 0 && !strictly
	}
	return hasInclusive && beyond(inclusive, keyword != side) || hasExclusive && beyond(exclusive, false)
}

// rational reads a number of a schema exactly.
func rational(value any) (*big.Rat, bool) {
	switch value := value.(type) {
	case int:
		return new(big.Rat).SetInt64(int64(value)), true
	case int64:
		return new(big.Rat).SetInt64(value), true
	case float64:
		return new(big.Rat).SetString(strconv.FormatFloat(value, 'g', -1, 64))
	case json.Number:
		if len(value) > 100 {
			return nil, false
		}
		return new(big.Rat).SetString(string(value))
	default:
		return nil, false
	}
}

func (c *comparison) properties(a, b map[string]any, at string) string {
	if !mayBe(a, "object") {
		return ""
	}
	defer c.aside(otherKeywords(a))()
	known, patterns := named(a, "properties"), named(a, "patternProperties")
	rest, limited := a["additionalProperties"]
	for _, name := range slices.Sorted(maps.Keys(named(b, "properties"))) {
		var from any = true
		switch schema, ok := known[name]; {
		case ok:
			from = schema
		case len(patterns) > 0:
			// A pattern may let it pass.
		case limited && rest != true:
			from = rest
		case c.direction == Input && c.newField(a, name, named(b, "properties")[name]):
			continue // whether it is required is another question
		}
		if reason := c.within(from, named(b, "properties")[name], join(at, name)); reason != "" {
			return reason
		}
	}
	return ""
}

func join(at, name string) string {
	if at == "" {
		return name
	}
	return at + "." + name
}

// additional asks whether b accepts the fields that a accepts and b does not name.
func (c *comparison) additional(a, b map[string]any, at string) string {
	if !mayBe(a, "object") {
		return ""
	}
	// With patterns in b its additional fields are fewer; to hold more against the
	// keyword than it limits proves too little and never too much.
	to := b["additionalProperties"]
	defer c.aside(otherKeywords(a))()
	known := named(a, "properties")
	for _, name := range slices.Sorted(maps.Keys(known)) {
		if _, ok := named(b, "properties")[name]; ok {
			continue
		}
		if reason := c.within(known[name], to, join(at, name)); reason != "" {
			return reason
		}
	}
	for _, pattern := range slices.Sorted(maps.Keys(named(a, "patternProperties"))) {
		if _, ok := named(b, "patternProperties")[pattern]; ok {
			continue // the keyword does not apply to what this one matches
		}
		if reason := c.within(named(a, "patternProperties")[pattern], to, at); reason != "" {
			return reason
		}
	}
	rest, ok := a["additionalProperties"]
	if !ok {
		rest = true
	}
	if reason := c.within(rest, to, at); reason != "" {
		return say(at, "%s", c.direction.words("fields that are not named are no longer accepted as they were", "fields may appear that are not named"))
	}
	return ""
}

func (c *comparison) items(keyword string, a, b map[string]any, at string) string {
	if !mayBe(a, "array") {
		return ""
	}
	defer c.aside(otherKeywords(a))()
	from, to := list(a, "prefixItems"), list(b, "prefixItems")
	rest, ok := a["items"]
	if !ok {
		rest = true
	}
	entry := func(i int) any {
		if i < len(from) {
			return from[i]
		}
		return rest
	}
	if keyword == "prefixItems" {
		for i := range to {
			if reason := c.within(entry(i), to[i], join(at, strconv.Itoa(i))); reason != "" {
				return reason
			}
		}
		return ""
	}
	for i := len(to); i < len(from); i++ {
		if reason := c.within(from[i], b["items"], join(at, strconv.Itoa(i))); reason != "" {
			return reason
		}
	}
	return c.within(rest, b["items"], join(at, "items"))
}
