package document

import (
	"fmt"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Limits on what holding a value against a schema that a stranger wrote may take.
const (
	// maxStepsPerNode is how many parts of the schema each node of a value may be held
	// against, on average.
	maxStepsPerNode = 100
	// maxViolations is how many places are listed in which a value does not fit.
	maxViolations = 100
)

// CompileForeign compiles a schema that a stranger wrote. Validate then says of a value
// that it does not fit when finding that out would take too long, and lists no more
// than a hundred places. The schema must not refer to others.
func CompileForeign(name string, text []byte) (*Schema, error) {
	s, err := CompileSchema(name, text)
	if s != nil {
		s.foreign = true
	}
	return s, err
}

// affordable says why a value is not held against a schema, or nothing.
func (s *Schema) affordable(value any) string {
	limit := maxStepsPerNode * (10 + nodes(value))
	left := limit
	if !walk(s.schema, value, &left) {
		return fmt.Sprintf("holding it against the schema takes more than %d steps", limit)
	}
	return ""
}

func nodes(value any) int {
	total := 1
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			total += nodes(item)
		}
	case map[string]any:
		for _, item := range value {
			total += nodes(item)
		}
	}
	return total
}

// walk goes the way that the validator goes, which tries every branch, and counts. It
// is false when the steps do not suffice.
func walk(s *jsonschema.Schema, value any, left *int) bool {
	if s == nil {
		return true
	}
	*left--
	if s.Enum != nil {
		*left -= len(s.Enum.Values) / 10
	}
	if *left < 0 {
		return false
	}
	all := func(schemas ...*jsonschema.Schema) bool {
		return !slices.ContainsFunc(schemas, func(sub *jsonschema.Schema) bool { return !walk(sub, value, left) })
	}
	if !all(s.Ref, s.RecursiveRef, s.Not, s.If, s.Then, s.Else) || !all(s.AllOf...) || !all(s.AnyOf...) || !all(s.OneOf...) {
		return false
	}
	for _, sub := range s.DependentSchemas {
		if !walk(sub, value, left) {
			return false
		}
	}
	for _, sub := range s.Dependencies {
		if sub, ok := sub.(*jsonschema.Schema); ok && !walk(sub, value, left) {
			return false
		}
	}
	switch value := value.(type) {
	case map[string]any:
		return walkObject(s, value, left)
	case []any:
		return walkList(s, value, left)
	}
	return true
}

func walkObject(s *jsonschema.Schema, value map[string]any, left *int) bool {
	additional, _ := s.AdditionalProperties.(*jsonschema.Schema)
	for key, member := range value {
		*left -= len(s.PatternProperties)
		for _, sub := range s.PatternProperties {
			if !walk(sub, member, left) {
				return false
			}
		}
		if !walk(s.Properties[key], member, left) || !walk(s.PropertyNames, key, left) ||
			!walk(additional, member, left) || !walk(s.UnevaluatedProperties, member, left) {
			return false
		}
	}
	return true
}

func walkList(s *jsonschema.Schema, value []any, left *int) bool {
	every := []*jsonschema.Schema{s.Items2020, s.Contains, s.UnevaluatedItems}
	positions := s.PrefixItems
	for _, items := range []any{s.Items, s.AdditionalItems} {
		switch items := items.(type) {
		case *jsonschema.Schema:
			every = append(every, items)
		case []*jsonschema.Schema:
			positions = append(positions[:len(positions):len(positions)], items...)
		}
	}
	for i, item := range value {
		for _, sub := range every {
			if !walk(sub, item, left) {
				return false
			}
		}
		if i < len(positions) && !walk(positions[i], item, left) {
			return false
		}
	}
	return true
}

// listed cuts violations short.
func listed(violations []Violation) []Violation {
	if len(violations) <= maxViolations {
		return violations
	}
	left := len(violations) - maxViolations
	return append(violations[:maxViolations:maxViolations], Violation{Message: fmt.Sprintf("it does not fit in %d more places, which are not listed", left)})
}

// maxValuesListed is how many values of an enumeration a message lists.
const maxValuesListed = 20

// oneOf words the values of an enumeration.
func oneOf(values []any) string {
	var words []string
	for _, value := range values[:min(len(values), maxValuesListed)] {
		words = append(words, fmt.Sprintf("%.100v", value))
	}
	return fmt.Sprintf("value must be one of %d: %s, …", len(values), strings.Join(words, ", "))
}
