package compose

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/compose-spec/compose-go/v2/template"
	templates "github.com/opengpu-network/templates"
	"github.com/opengpu-network/templates/pkg/document"
)

// Whatever the file says, reading it ends, says why when there is no model,
// and the model has the form that policies are compiled against.
func FuzzLoad(f *testing.F) {
	seeds, err := os.ReadDir("testdata/seeds")
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range seeds {
		data, err := os.ReadFile("testdata/seeds/" + seed.Name())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	schema, err := document.CompileSchema("policy-input.schema.json", templates.PolicyInputSchema)
	if err != nil {
		f.Fatal(err)
	}
	specified := SpecificationKeys()
	f.Fuzz(func(t *testing.T, data []byte) {
		p, problems := load(t, "compose.yml", string(data), "other.yml", "services: {base: {image: b, ports: ['1:2']}}\n")
		if p == nil {
			if len(problems) == 0 {
				t.Fatal("neither a project nor a problem")
			}
			return
		}
		for _, key := range p.Keys {
			// Below a name that the specification does not allow, its schema lets
			// anything stand; trust/undecided-key refuses that.
			if !slices.Contains(specified, key.Pattern) {
				return
			}
		}
		text, err := json.Marshal(map[string]any{"subject": "compose", "project": p.Model})
		if err != nil {
			t.Fatal(err)
		}
		var input any
		if err := json.Unmarshal(text, &input); err != nil {
			t.Fatal(err)
		}
		for _, v := range schema.Validate(input) {
			t.Errorf("%v %s", v.Path, v.Message)
		}
		for _, key := range p.Keys {
			if at := p.Locate(key.Path); at.Line < 1 {
				t.Errorf("%v has no position", key.Path)
			}
		}
	})
}

// The variables that are reported are those that Compose itself would see.
func FuzzScan(f *testing.F) {
	f.Add("${PORT}:5555")
	f.Add("$A${B:-$C${D?${E}}}$$F$${G}")
	f.Fuzz(func(t *testing.T, s string) {
		if _, err := template.Substitute(s, func(string) (string, bool) { return "", true }); err != nil {
			return
		}
		found := map[string]bool{}
		for _, v := range scan(s) {
			found[v.Name] = true
		}
		for _, name := range slices.Sorted(maps.Keys(template.ExtractVariables(map[string]any{"s": s}, nil))) {
			if name != "" && !found[name] {
				t.Errorf("%q uses %q, which is not reported", s, name)
			}
		}
	})
}
