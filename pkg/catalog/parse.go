package catalog

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"sync"

	templates "github.com/opengpu-network/templates"
	"github.com/opengpu-network/templates/pkg/document"
	"github.com/opengpu-network/templates/pkg/finding"
	"go.yaml.in/yaml/v4"
)

var manifestSchema = sync.OnceValues(func() (*document.Schema, error) {
	return document.CompileSchema("template.schema.json", templates.TemplateSchema)
})

// parseManifest reads a manifest's text. The manifest is never nil and holds
// whatever could be read; the document is nil when it is no YAML mapping.
func parseManifest(display string, data []byte) (*Manifest, *document.Document, []finding.Finding) {
	manifest := &Manifest{}
	doc, problems := document.ParseText(display, data, textUse)
	if doc == nil {
		return manifest, nil, problems
	}
	schema, err := manifestSchema()
	if err != nil {
		// The schema is part of the program: without it nothing is checked,
		// and that must never look like a pass.
		return manifest, doc, append(problems, finding.Finding{Rule: RuleManifest, Message: err.Error(), Position: finding.Position{File: display}})
	}
	decode(doc, manifest)
	problems = append(problems, judge(doc, schema, manifest)...)
	return manifest, doc, problems
}

// ManifestVersion is the version in the text of a manifest; "" when none can be read.
func ManifestVersion(text []byte) string {
	manifest, _, _ := parseManifest(ManifestFile, text)
	return manifest.Version
}

// form is the form that the text at a path of the manifest must have.
type form struct {
	path  []any
	parse func(text string) error
	// typed is true when the text becomes a Go type of its own.
	typed bool
}

// forms lists the forms for a manifest that was read as plain data.
func forms(manifest map[string]any) []form {
	amount := func(text string) error { _, err := ParseAmount(text); return err }
	size := func(text string) error { _, err := ParseSize(text); return err }
	method := func(text string) error { _, err := ParseDeliveryMethod(text); return err }
	version := func(text string) error {
		if _, err := ParseVersion(text); err != nil {
			return fmt.Errorf("must be a semantic version such as 1.0.0")
		}
		return nil
	}
	all := []form{
		{[]any{"version"}, version, false},
		{[]any{"terms", "minPayment"}, amount, true},
		{[]any{"terms", "minAvailableLockup"}, amount, true},
		{[]any{"terms", "deliveryMethod"}, method, true},
	}
	for _, environment := range EnvironmentNames() {
		for _, field := range []string{"vram", "ram", "disk"} {
			all = append(all, form{[]any{"environments", environment, "hardware", field}, size, true})
		}
	}
	ready := func(text string) error { return parseLimit(text, MaxReady) }
	timeout := func(text string) error { return parseLimit(text, MaxTimeout) }
	all = append(all, form{[]any{"service", "image"}, parseServiceImage, false}, form{[]any{"smoke", "ready"}, ready, true})
	smoke, _ := manifest["smoke"].(map[string]any)
	cases, _ := smoke["cases"].([]any)
	for i := range cases {
		all = append(all, form{[]any{"smoke", "cases", i, "timeout"}, timeout, true})
	}
	return all
}

// decode fills the manifest from the document, leaving out what has the wrong
// type: the schema reports that. It goes by way of JSON so that one set of
// names serves the manifest, its schema and the policies.
func decode(doc *document.Document, manifest *Manifest) {
	value := doc.Value()
	for _, f := range forms(value) {
		if f.typed {
			setText(value, f, scalarAt(doc, f.path))
		}
	}
	text, err := json.Marshal(value)
	if err != nil {
		return
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	// On a value of the wrong type the decoder goes on with the rest.
	_ = decoder.Decode(manifest)
	for name, f := range manifest.Functions {
		f.Input, _ = plain(f.Input).(map[string]any)
		f.Output, _ = plain(f.Output).(map[string]any)
		f.Example = Example{Input: plain(f.Example.Input), Output: plain(f.Example.Output)}
		manifest.Functions[name] = f
	}
	if manifest.Smoke != nil {
		for i := range manifest.Smoke.Cases {
			c := &manifest.Smoke.Cases[i]
			c.Input = plain(c.Input)
			c.Expect.Schema, _ = plain(c.Expect.Schema).(map[string]any)
		}
	}
	for name, p := range manifest.Parameters {
		p.Default = plain(p.Default)
		p.Enum, _ = plain(p.Enum).([]any)
		manifest.Parameters[name] = p
	}
}

// setText replaces a value by the text that was written, so that a number
// never becomes floating point, or takes it out when it cannot be read.
func setText(value map[string]any, f form, node *yaml.Node) {
	last := len(f.path) - 1
	var at any = value
	for _, segment := range f.path[:last] {
		switch segment := segment.(type) {
		case string:
			container, _ := at.(map[string]any)
			at = container[segment]
		case int:
			list, _ := at.([]any)
			if segment >= len(list) {
				return
			}
			at = list[segment]
		}
	}
	value, ok := at.(map[string]any)
	if !ok {
		return
	}
	key := f.path[last].(string)
	if node == nil || f.parse(node.Value) != nil {
		delete(value, key)
		return
	}
	value[key] = node.Value
}

// plain turns JSON numbers into int or float64.
func plain(value any) any {
	switch v := value.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return int(n)
		}
		f, _ := v.Float64()
		return f
	case map[string]any:
		for key, member := range v {
			v[key] = plain(member)
		}
	case []any:
		for i, item := range v {
			v[i] = plain(item)
		}
	}
	return value
}

// scalarAt returns the scalar at a path when it is a string or a number.
func scalarAt(doc *document.Document, path []any) *yaml.Node {
	match := document.Find(doc.Root, path)
	if !match.Complete || match.Depth != len(path) || match.Node.Kind != yaml.ScalarNode {
		return nil
	}
	switch match.Node.ShortTag() {
	case "!!str", "!!int", "!!float":
		return match.Node
	}
	return nil
}

// problem is something that the schema cannot say, or says less clearly.
type problem struct {
	path    []any
	message string
}

// judge holds the manifest against its schema and against what a schema
// cannot say. Where both speak of the same value, our words win.
func judge(doc *document.Document, schema *document.Schema, manifest *Manifest) []finding.Finding {
	own := append(checkScalars(doc), checkValues(manifest)...)
	var problems []finding.Finding
	named := len(own)
	own = append(own, checkNames(manifest)...)
	for _, f := range doc.ValidateSchema(RuleManifest, schema) {
		// The validator does not say whose name is wrong; checkNames does.
		if len(f.Path) == 0 && len(own) > named {
			continue
		}
		if !slices.ContainsFunc(own, func(p problem) bool { return slices.Equal(p.path, f.Path) }) {
			f.Message = describe(f.Path, f.Message)
			problems = append(problems, f)
		}
	}
	for _, p := range own {
		problems = append(problems, finding.Finding{
			Rule: RuleManifest, Message: describe(p.path, p.message), Path: p.path, Position: doc.Locate(p.path),
		})
	}
	slices.SortStableFunc(problems, func(a, b finding.Finding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return problems
}

// checkScalars checks the texts that have a form of their own.
func checkScalars(doc *document.Document) []problem {
	var problems []problem
	for _, f := range forms(doc.Value()) {
		if node := scalarAt(doc, f.path); node != nil {
			if err := f.parse(node.Value); err != nil {
				problems = append(problems, problem{f.path, err.Error()})
			}
		}
	}
	return problems
}

// The names of functions become Python functions and parts of URLs; those of
// parameters are typed on a command line.
var (
	functionPattern  = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	parameterPattern = regexp.MustCompile(`^[a-z][A-Za-z0-9_-]*$`)
)

// maxKeyLength is the length of the longest name of a function or parameter.
const maxKeyLength = 64

func checkNames(manifest *Manifest) []problem {
	var problems []problem
	for _, name := range slices.Sorted(maps.Keys(manifest.Functions)) {
		if !functionPattern.MatchString(name) || len(name) > maxKeyLength {
			problems = append(problems, problem{[]any{"functions", name}, "is no name for a function: use letters, digits and underscores"})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(manifest.Parameters)) {
		if !parameterPattern.MatchString(name) || len(name) > maxKeyLength {
			problems = append(problems, problem{[]any{"parameters", name}, "is no name for a parameter: use letters, digits, hyphens and underscores, and begin with a small letter"})
		}
	}
	return problems
}

// checkValues checks what takes several values to judge.
func checkValues(manifest *Manifest) []problem {
	var problems []problem
	add := func(message string, path ...any) { problems = append(problems, problem{path, message}) }
	if logo := manifest.Logo; logo != "" && (path.Clean(logo) != logo || path.IsAbs(logo) || logo == "." || len(logo) > 1 && logo[:2] == "..") {
		add("must be a plain path inside the template's folder, such as logo.svg", "logo")
	}
	for _, name := range slices.Sorted(maps.Keys(manifest.Parameters)) {
		p := manifest.Parameters[name]
		if p.Pattern != "" {
			if _, err := regexp.Compile(p.Pattern); err != nil {
				add("must be a regular expression (RE2)", "parameters", name, "pattern")
				continue
			}
		}
		if p.Minimum != nil && p.Maximum != nil && *p.Minimum > *p.Maximum {
			add("must not be greater than maximum", "parameters", name, "minimum")
			continue
		}
		for i, choice := range p.Enum {
			if _, ok := p.scalar(choice); !ok && p.Type.known() {
				add("must be "+p.Type.article(), "parameters", name, "enum", i)
			}
		}
		if p.Default != nil && p.Type.known() {
			if _, err := p.ParseDefault(); err != nil {
				add(err.Error(), "parameters", name, "default")
			}
		}
		for i, dependent := range p.With {
			if _, ok := manifest.Parameters[dependent]; !ok || dependent == name {
				add("names no other parameter", "parameters", name, "with", i)
			}
		}
		if p.Type == BooleanType {
			for i, target := range p.Targets {
				if target.Key != "" {
					add("takes a boolean, which JSON and Python write differently: use a string or a number", "parameters", name, "targets", i, "key")
				}
			}
		}
	}
	return problems
}

func (t ParameterType) known() bool {
	return t == StringType || t == IntegerType || t == NumberType || t == BooleanType
}
