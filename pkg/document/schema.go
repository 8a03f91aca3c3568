package document

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/opengpu-network/templates/pkg/finding"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// Schema is a compiled JSON Schema that can tell which keys it knows.
type Schema struct {
	schema *jsonschema.Schema
	// properties holds the known keys of each subschema by its location.
	properties map[string][]string
	// foreign is true for a schema that a stranger wrote.
	foreign bool
}

// CompileSchema compiles a JSON Schema. It resolves nothing outside it.
func CompileSchema(name string, text []byte, formats ...*jsonschema.Format) (*Schema, error) {
	compiler := jsonschema.NewCompiler()
	compiler.UseLoader(jsonschema.SchemeURLLoader{})
	compiler.AssertFormat()
	for _, format := range formats {
		compiler.RegisterFormat(format)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("schema %s: %w", name, err)
	}
	// An absolute name, so that the library does not look where it runs.
	location := "schema:///" + name
	if err := compiler.AddResource(location, value); err != nil {
		return nil, fmt.Errorf("schema %s: %w", name, err)
	}
	schema, err := compiler.Compile(location)
	if err != nil {
		return nil, errors.New(compileReason(err))
	}
	s := &Schema{schema: schema, properties: map[string][]string{}}
	s.index(schema)
	return s, nil
}

// compileReason says in one line why a schema does not compile.
func compileReason(err error) string {
	var invalid *jsonschema.SchemaValidationError
	var violation *jsonschema.ValidationError
	if errors.As(err, &invalid) && errors.As(invalid.Err, &violation) {
		if found := leaves(violation); len(found) > 0 {
			printer := message.NewPrinter(language.English)
			return fmt.Sprintf("/%s: %s", strings.Join(found[0].InstanceLocation, "/"), found[0].ErrorKind.LocalizedString(printer))
		}
	}
	return strings.Join(strings.Fields(err.Error()), " ")
}

func (s *Schema) index(schema *jsonschema.Schema) {
	if schema == nil {
		return
	}
	if _, done := s.properties[schema.Location]; done {
		return
	}
	names := make([]string, 0, len(schema.Properties))
	for name := range schema.Properties {
		names = append(names, name)
	}
	slices.Sort(names)
	s.properties[schema.Location] = names
	s.index(schema.Ref)
	for _, name := range names {
		s.index(schema.Properties[name])
	}
	for _, sub := range schema.PatternProperties {
		s.index(sub)
	}
	for _, group := range [][]*jsonschema.Schema{schema.AllOf, schema.AnyOf, schema.OneOf, schema.PrefixItems} {
		for _, sub := range group {
			s.index(sub)
		}
	}
	if sub, ok := schema.AdditionalProperties.(*jsonschema.Schema); ok {
		s.index(sub)
	}
	if sub, ok := schema.Items.(*jsonschema.Schema); ok {
		s.index(sub)
	}
	s.index(schema.Items2020)
}

// Violation is one place where a document does not fit a schema.
type Violation struct {
	// Path leads to the value, or to the key that is not known.
	Path    []any
	Message string
}

// Validate returns every place where value does not fit the schema, in the
// order of their paths.
func (s *Schema) Validate(value any) []Violation {
	if s.foreign {
		if reason := s.affordable(value); reason != "" {
			return []Violation{{Message: reason}}
		}
	}
	var invalid *jsonschema.ValidationError
	if err := s.schema.Validate(value); err == nil {
		return nil
	} else if !errors.As(err, &invalid) {
		return []Violation{{Message: err.Error()}}
	}
	var violations []Violation
	for _, e := range leaves(invalid) {
		violations = append(violations, s.violations(value, e)...)
	}
	type keyed struct {
		key string
		Violation
	}
	sorted := make([]keyed, len(violations))
	for i, v := range violations {
		sorted[i] = keyed{fmt.Sprint(v.Path...) + "\x00" + v.Message, v}
	}
	slices.SortStableFunc(sorted, func(a, b keyed) int { return strings.Compare(a.key, b.key) })
	sorted = slices.CompactFunc(sorted, func(a, b keyed) bool {
		return a.Message == b.Message && slices.Equal(a.Path, b.Path)
	})
	for i, v := range sorted {
		violations[i] = v.Violation
	}
	if violations = violations[:len(sorted)]; s.foreign {
		violations = listed(violations)
	}
	return violations
}

// ValidateSchema holds the document against a schema and returns a finding of
// the given rule for every place where it does not fit.
func (d *Document) ValidateSchema(rule string, s *Schema) []finding.Finding {
	var problems []finding.Finding
	for _, v := range s.Validate(d.Value()) {
		match := Find(d.Root, v.Path)
		position := d.At(match)
		if match.Complete && match.Key != nil && strings.HasPrefix(v.Message, unknownKey) {
			position = d.position(match.Key)
		}
		problems = append(problems, finding.Finding{Rule: rule, Message: v.Message, Position: position, Path: v.Path})
	}
	return problems
}

const unknownKey = "unknown key "

// leaves flattens an error into those that say something. Of the branches of a
// oneOf or anyOf, the one that got furthest was meant.
func leaves(e *jsonschema.ValidationError) []*jsonschema.ValidationError {
	if len(e.Causes) == 0 {
		return []*jsonschema.ValidationError{e}
	}
	var all []*jsonschema.ValidationError
	switch e.ErrorKind.(type) {
	case *kind.OneOf, *kind.AnyOf:
		all = branch(e)
	default:
		for _, cause := range e.Causes {
			all = append(all, leaves(cause)...)
		}
	}
	return all
}

func branch(e *jsonschema.ValidationError) []*jsonschema.ValidationError {
	var best []*jsonschema.ValidationError
	deepest := -1
	var wanted []string
	for _, cause := range e.Causes {
		found := leaves(cause)
		depth := 0
		for _, leaf := range found {
			depth = max(depth, len(leaf.InstanceLocation))
			if _, ok := leaf.ErrorKind.(*kind.AdditionalProperties); ok {
				depth = max(depth, len(leaf.InstanceLocation)+1)
			}
			if t, ok := leaf.ErrorKind.(*kind.Type); ok && len(leaf.InstanceLocation) == len(e.InstanceLocation) {
				wanted = append(wanted, t.Want...)
			}
		}
		// A wrong type at the top of a branch says that it was not meant.
		if len(found) == 1 {
			if _, ok := found[0].ErrorKind.(*kind.Type); ok && len(found[0].InstanceLocation) == len(e.InstanceLocation) {
				depth = 0
			} else {
				depth++
			}
		}
		if depth > deepest {
			deepest, best = depth, found
		}
	}
	if deepest == 0 && len(wanted) > 0 {
		merged := *best[0]
		slices.Sort(wanted)
		merged.ErrorKind = &kind.Type{Got: typeOf(best[0]), Want: slices.Compact(wanted)}
		return []*jsonschema.ValidationError{&merged}
	}
	return best
}

func typeOf(e *jsonschema.ValidationError) string {
	if t, ok := e.ErrorKind.(*kind.Type); ok {
		return t.Got
	}
	return ""
}

func (s *Schema) violations(value any, e *jsonschema.ValidationError) []Violation {
	path := instancePath(value, e.InstanceLocation)
	switch k := e.ErrorKind.(type) {
	case *kind.AdditionalProperties:
		var all []Violation
		for _, name := range k.Properties {
			all = append(all, Violation{
				Path:    append(slices.Clone(path), name),
				Message: fmt.Sprintf(unknownKey+"%q%s", name, instead(name, s.known(e.SchemaURL))),
			})
		}
		return all
	case *kind.Required:
		var all []Violation
		for _, name := range k.Missing {
			all = append(all, Violation{Path: append(slices.Clone(path), name), Message: fmt.Sprintf("%q is missing", name)})
		}
		return all
	case *kind.Type:
		return []Violation{{Path: path, Message: fmt.Sprintf("must be %s, not %s", types(k.Want), types([]string{k.Got}))}}
	case *kind.Enum:
		if len(k.Want) > maxValuesListed {
			return []Violation{{Path: path, Message: oneOf(k.Want)}}
		}
		return []Violation{{Path: path, Message: e.ErrorKind.LocalizedString(message.NewPrinter(language.English))}}
	default:
		return []Violation{{Path: path, Message: e.ErrorKind.LocalizedString(message.NewPrinter(language.English))}}
	}
}

func (s *Schema) known(location string) []string {
	if names, ok := s.properties[location]; ok {
		return names
	}
	return s.properties[strings.TrimSuffix(location, "/additionalProperties")]
}

// instancePath turns the validator's string path into keys and indexes.
func instancePath(value any, location []string) []any {
	path := make([]any, 0, len(location))
	for _, segment := range location {
		if list, ok := value.([]any); ok {
			i, err := strconv.Atoi(segment)
			if err != nil || i >= len(list) {
				return path
			}
			path, value = append(path, i), list[i]
			continue
		}
		m, _ := value.(map[string]any)
		path, value = append(path, segment), m[segment]
	}
	return path
}

// types words JSON types as an author of YAML knows them.
func types(names []string) string {
	words := map[string]string{"object": "a mapping", "array": "a list", "string": "a string", "number": "a number", "integer": "an integer", "boolean": "true or false", "null": "empty"}
	var said []string
	for _, name := range names {
		if word, ok := words[name]; ok && name != "null" || len(names) == 1 {
			said = append(said, word)
		}
	}
	if len(said) < 2 {
		return strings.Join(said, "")
	}
	return strings.Join(said[:len(said)-1], ", ") + " or " + said[len(said)-1]
}

// maxKeysListed is how many keys a message lists.
const maxKeysListed = 20

// instead says which key may have been meant: the closest one, or else all that there
// are if they are not many.
func instead(name string, known []string) string {
	if near := Suggest(name, known); near != "" || len(known) == 0 || len(known) > maxKeysListed {
		return near
	}
	return ": the keys here are " + strings.Join(known, ", ")
}

// Suggest returns `: did you mean "x"?` for the known name that is closest to
// a misspelt one, or an empty string when none is close.
func Suggest(name string, known []string) string {
	best, distance := "", 3
	if len(name) > 64 {
		return ""
	}
	for _, candidate := range known {
		if d := levenshtein.ComputeDistance(name, candidate); d < distance && d < len(name) {
			best, distance = candidate, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(": did you mean %q?", best)
}
