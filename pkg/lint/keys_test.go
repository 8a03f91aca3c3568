package lint

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	templates "github.com/opengpu-network/templates"
	"github.com/opengpu-network/templates/pkg/compose"
	"github.com/opengpu-network/templates/pkg/finding"
	"github.com/opengpu-network/templates/pkg/policy"
	"go.yaml.in/yaml/v4"
)

// changed is the built-in policies with each file changed.
func changed(t testing.TB, change func(name string, data []byte) []byte) fs.FS {
	t.Helper()
	fsys := fstest.MapFS{}
	err := fs.WalkDir(templates.Policies, "policies", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := templates.Policies.ReadFile(name)
		name = strings.TrimPrefix(name, "policies/")
		fsys[name] = &fstest.MapFile{Data: change(name, data)}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return fsys
}

// keysMetadata is what limits a rule to files that use certain keys.
var keysMetadata = regexp.MustCompile(`(?m)^#   keys:\n(#   - .*\n)+`)

// unlimited is the built-in policies with every rule asked about every file.
func unlimited(t testing.TB) *policy.Set {
	t.Helper()
	set, err := policy.Load(changed(t, func(_ string, data []byte) []byte {
		return keysMetadata.ReplaceAll(data, nil)
	}), nil, templates.PolicyInputSchema)
	if err != nil {
		t.Fatal(err)
	}
	if err := set.Compile(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	for _, rule := range set.Rules() {
		if len(rule.Keys) > 0 {
			t.Fatalf("%s is still limited", rule.ID)
		}
	}
	return set
}

// A rule that is asked only about files that use certain keys would find
// nothing in others.
func TestKeysLeaveNothingOut(t *testing.T) {
	files, err := filepath.Glob("../../testdata/lint/*/*/compose.yml")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no cases", err)
	}
	limited := &Linter{Policies: policies(t, nil)}
	all := &Linter{Policies: unlimited(t)}
	for _, file := range files {
		targets := []Target{{Dir: filepath.Dir(file), File: "compose.yml", Display: file}}
		got, err := limited.Run(context.Background(), targets)
		if err != nil {
			t.Fatal(err)
		}
		want, err := all.Run(context.Background(), targets)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, want %v", file, got, want)
		}
	}
}

// A key that is not in the table is refused.
func TestUndecidedKeyIsRefused(t *testing.T) {
	set, err := policy.Load(changed(t, func(name string, data []byte) []byte {
		if name != "data/keys.yaml" {
			return data
		}
		return bytes.Replace(data, []byte("services.*.hostname"), []byte("services.*.forgotten"), 1)
	}), nil, templates.PolicyInputSchema)
	if err != nil {
		t.Fatal(err)
	}
	if err := set.Compile(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	compose := "services:\n  web:\n    image: nginx\n    hostname: web\n"
	if err := os.WriteFile(filepath.Join(dir, "compose.yml"), []byte(compose), 0o644); err != nil {
		t.Fatal(err)
	}
	result, err := (&Linter{Policies: set}).Run(context.Background(), []Target{{Dir: dir, File: "compose.yml", Display: "compose.yml"}})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(result.Findings, func(f finding.Finding) bool {
		return f.Rule == "trust/undecided-key" && f.Line == 4 && f.Severity == finding.Error
	}) {
		t.Errorf("findings are %+v", result.Findings)
	}
}

// Closed by default: every key of the Compose Specification is decided on, and
// nothing else is. When the specification grows this fails until somebody has
// added the new key to policies/data/keys.yaml.
func TestEveryKeyIsDecided(t *testing.T) {
	text, err := templates.Policies.ReadFile("policies/data/keys.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Tables struct {
			Keys map[string]struct {
				Allow string
				Rule  string
				Rules []string
				Since map[string]string
			}
		}
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	builtin, err := fs.Sub(templates.Policies, "policies")
	if err != nil {
		t.Fatal(err)
	}
	set, err := policy.Load(builtin, nil, templates.PolicyInputSchema)
	if err != nil {
		t.Fatal(err)
	}
	specified := compose.SpecificationKeys()
	if len(specified) < 200 {
		t.Fatalf("only %d keys are specified", len(specified))
	}
	for _, key := range specified {
		if _, ok := file.Tables.Keys[key]; !ok {
			t.Errorf("nobody has decided on %s", key)
		}
	}
	for key, decision := range file.Tables.Keys {
		if !slices.Contains(specified, key) {
			t.Errorf("%s is not in the specification", key)
		}
		rules := decision.Rules
		if decision.Rule != "" {
			rules = append(rules, decision.Rule)
		}
		if (len(rules) > 0) == (strings.TrimSpace(decision.Allow) != "") {
			t.Errorf("%s is neither allowed with a reason nor judged by a rule", key)
		}
		for _, id := range rules {
			if _, ok := set.Rule(id); !ok {
				t.Errorf("%s is judged by %s, which is no rule", key, id)
			}
		}
	}
	for _, rule := range set.Rules() {
		for _, key := range rule.Keys {
			if !slices.Contains(specified, key) {
				t.Errorf("%s waits for %s, which is not in the specification", rule.ID, key)
			}
		}
	}
}
