package catalog

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/invopop/jsonschema"
)

var update = flag.Bool("update", false, "write the golden files and the manifest's schema")

const (
	packagePath = "github.com/opengpu-network/templates/pkg/catalog"
	schemaPath  = "../../docs/schemas/template.schema.json"
)

// TestTemplateSchema fails when the committed schema and the Go types drift.
func TestTemplateSchema(t *testing.T) {
	want := generateSchema(t)
	if *update {
		if err := os.WriteFile(schemaPath, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(schemaPath)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s does not fit the Go types: run go generate ./pkg/catalog", schemaPath)
	}
}

func generateSchema(t *testing.T) []byte {
	t.Helper()
	reflector := &jsonschema.Reflector{Anonymous: true, ExpandedStruct: true, Mapper: mapType}
	if err := reflector.AddGoComments(packagePath, "./"); err != nil {
		t.Fatal(err)
	}
	for key, comment := range reflector.CommentMap {
		reflector.CommentMap[key] = strings.Join(strings.Fields(comment), " ")
	}
	schema := reflector.Reflect(&Manifest{})
	schema.Title = "Template manifest"

	names(schema, "functions", functionPattern, 1)
	names(schema, "parameters", parameterPattern, 0)
	one := uint64(1)
	schema.Definitions["Environments"].MinProperties = &one

	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(schema); err != nil {
		t.Fatal(err)
	}
	return text.Bytes()
}

// names says what the names in a map must look like; a struct tag cannot.
func names(schema *jsonschema.Schema, property string, pattern *regexp.Regexp, least uint64) {
	m, _ := schema.Properties.Get(property)
	length := uint64(maxKeyLength)
	m.PropertyNames = &jsonschema.Schema{Pattern: pattern.String(), MaxLength: &length}
	if least > 0 {
		m.MinProperties = &least
	}
}

// mapType gives the types that are written as text their schema.
func mapType(t reflect.Type) *jsonschema.Schema {
	switch t {
	case reflect.TypeFor[Amount]():
		// A plain YAML scalar such as 0.001 is a number to an editor; its text
		// is what is read.
		return &jsonschema.Schema{AnyOf: []*jsonschema.Schema{
			{Type: "string", Pattern: amountPattern.String()},
			{Type: "number", Minimum: "0"},
		}}
	case reflect.TypeFor[Size]():
		return &jsonschema.Schema{Type: "string", Pattern: sizePattern.String()}
	case reflect.TypeFor[Duration]():
		shortest := uint64(len("1s"))
		return &jsonschema.Schema{Type: "string", Pattern: durationPattern.String(), MinLength: &shortest}
	case reflect.TypeFor[JSONValue]():
		return &jsonschema.Schema{}
	case reflect.TypeFor[DeliveryMethod]():
		return &jsonschema.Schema{Type: "string", Enum: []any{ManualConfirmation.String(), FirstResponse.String()}}
	}
	return nil
}
