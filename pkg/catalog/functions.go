package catalog

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/opengpu-network/templates/pkg/document"
)

// Problem is one thing that is wrong with what a manifest says, although it
// fits the manifest's schema.
type Problem struct {
	// Path leads to it in the manifest.
	Path    []any
	Message string
}

// references are the keywords that draw in another schema. A function's schema
// must be whole: a reference could lead to a file, to the network, or to a
// hundred others that make checking it take for ever.
var references = []string{"$ref", "$dynamicRef", "$recursiveRef", "$schema", "$id"}

// SchemaProblems checks the JSON Schemas of all functions, and that each
// example fits its own.
func (m *Manifest) SchemaProblems() (problems []Problem) {
	for _, name := range slices.Sorted(maps.Keys(m.Functions)) {
		f := m.Functions[name]
		for _, side := range []struct {
			name    string
			schema  map[string]any
			example any
		}{{"input", f.Input, f.Example.Input}, {"output", f.Output, f.Example.Output}} {
			at := []any{"functions", name, side.name}
			if reference := findReference(side.schema, at); reference != nil {
				problems = append(problems, Problem{reference, fmt.Sprintf("%s is not for a function's schema: write the schema out", reference[len(reference)-1])})
				continue
			}
			schema, err := compileSchema(side.schema)
			if err != nil {
				problems = append(problems, Problem{at, "is no JSON Schema: " + err.Error()})
				continue
			}
			for _, v := range schema.Validate(side.example) {
				path := slices.Concat([]any{"functions", name, "example", side.name}, v.Path)
				problems = append(problems, Problem{path, "does not fit the function's schema: " + v.Message})
			}
		}
	}
	return problems
}

func compileSchema(schema map[string]any) (*document.Schema, error) {
	text, err := json.Marshal(schema)
	if err != nil {
		return nil, err
	}
	return document.CompileForeign("function", text)
}

// findReference returns the path of the first keyword that draws in another
// schema, or nil.
func findReference(value any, at []any) []any {
	switch value := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			path := append(slices.Clone(at), key)
			// A property may have any name.
			if _, isSchema := value[key].(map[string]any); slices.Contains(references, key) && !isSchema {
				return path
			}
			if found := findReference(value[key], path); found != nil {
				return found
			}
		}
	case []any:
		for i, item := range value {
			if found := findReference(item, append(slices.Clone(at), i)); found != nil {
				return found
			}
		}
	}
	return nil
}
