package scaffold

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/format"
	templates "github.com/opengpu-network/templates"
	"github.com/opengpu-network/templates/pkg/finding"
	"github.com/opengpu-network/templates/pkg/policy"
)

// repository is a folder with the built-in policies and a place for cases.
func repository(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	if err := os.CopyFS(root, templates.Policies); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(root, CaseDir), 0o755); err != nil {
		t.Fatal(err)
	}
	return root
}

// Whatever is made loads and compiles against the input's schema together with all
// other rules, says what it was told, is formatted, and never fires.
func TestMadeRulesCompile(t *testing.T) {
	root, own := repository(t), t.TempDir()
	want := map[string]Options{}
	make := func(into func(string, Options) (Files, error), dir string, opts Options) {
		t.Helper()
		made, err := into(dir, opts)
		if err != nil {
			t.Fatalf("%+v: %v", opts, err)
		}
		if (made.Case == "") != (opts.Category == Custom) {
			t.Errorf("%+v: the case is %q", opts, made.Case)
		}
		want[opts.Category+"/"+opts.Name] = opts
		for _, name := range []string{opts.Name + ".rego", opts.Name + "_test.rego"} {
			text, err := os.ReadFile(filepath.Join(made.Dir, name))
			if err != nil {
				t.Fatal(err)
			}
			formatted, err := format.SourceWithOpts(name, text, format.Opts{RegoVersion: ast.RegoV1})
			if err != nil || !bytes.Equal(text, formatted) {
				t.Errorf("%s is not formatted: %v", name, err)
			}
		}
	}
	for _, category := range []string{"catalog", "contract", "hardware", "trust", "animals"} {
		for _, subject := range []policy.Subject{policy.Compose, policy.Template} {
			for _, severity := range []finding.Severity{finding.Error, finding.Warning, finding.Notice} {
				opts := Options{Category: category, Name: "zebra-" + string(subject) + "-" + severity.String(), Subject: subject, Severity: severity, Waivable: severity != finding.Error, NewCategory: true}
				make(BuiltIn, root, opts)
				opts.Category = Custom
				if category == "contract" {
					make(Own, own, opts)
				}
			}
		}
	}
	for i, title := range []string{"Plain words", "yes", "It's: a \"title\" \\ with #signs", "- list", "{{.}} [[.]]", "Ünïcödé 標題", strings.Repeat("x", maxTitleLength)} {
		make(BuiltIn, root, Options{Category: "contract", Name: "title-" + string(rune('a'+i)), Title: title, Severity: finding.Warning, Subject: policy.Compose})
	}
	for _, name := range []string{"default", "import", "in", "not", "x2"} {
		make(BuiltIn, root, Options{Category: "contract", Name: name, Severity: finding.Warning, Subject: policy.Compose})
	}
	set, err := policy.Load(os.DirFS(filepath.Join(root, policyDir)), os.DirFS(own), templates.PolicyInputSchema)
	if err != nil {
		t.Fatal(err)
	}
	if err := set.Compile(context.Background(), func(id string) bool { _, made := want[id]; return made }); err != nil {
		t.Fatal(err)
	}
	for id, opts := range want {
		rule, ok := set.Rule(id)
		if !ok || rule.Severity != opts.Severity || rule.Waivable != opts.Waivable || rule.Subject != opts.Subject || opts.Title != "" && rule.Title != opts.Title {
			t.Errorf("%s is %+v, want %+v", id, rule, opts)
		}
	}
	input, err := policy.NewInput(map[string]any{
		"project":  map[string]any{"services": map[string]any{"web": map[string]any{"image": "nginx"}}},
		"template": map[string]any{"manifest": map[string]any{"title": "Sample"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, subject := range []policy.Subject{policy.Compose, policy.Template} {
		if found, err := set.Evaluate(context.Background(), subject, input); err != nil || len(found) > 0 {
			t.Errorf("%s: %v, %v", subject, found, err)
		}
	}
}

func TestCategories(t *testing.T) {
	categories, err := Categories(filepath.Join(repository(t), policyDir))
	if err != nil {
		t.Fatal(err)
	}
	for category, want := range map[string]bool{"trust": true, "contract": true, "hardware": true, "catalog": true, "syntax": false} {
		if got, ok := categories[category]; !ok || got != want {
			t.Errorf("%s: %v %v", category, got, ok)
		}
	}
	for _, category := range notCategories {
		if _, ok := categories[category]; ok {
			t.Errorf("%s is a category", category)
		}
	}
	if _, err := Categories(t.TempDir()); err == nil {
		t.Error("a folder without rules has categories")
	}
}

// Of several that make the same rule at once, in a new category, one does, and nothing
// else is left.
func TestAtOnce(t *testing.T) {
	root := repository(t)
	opts := Options{Category: "animals", Name: "zebra", Severity: finding.Warning, Subject: policy.Compose, NewCategory: true}
	errs := make([]error, 8)
	var wait sync.WaitGroup
	for i := range errs {
		wait.Go(func() { _, errs[i] = BuiltIn(root, opts) })
	}
	wait.Wait()
	done := 0
	for _, err := range errs {
		if err == nil {
			done++
		}
	}
	if done != 1 {
		t.Errorf("%d have made the rule: %v", done, errs)
	}
	if _, err := BuiltIn(root, opts); !errors.Is(err, ErrUsage) {
		t.Errorf("it is made again: %v", err)
	}
	var files []string
	for _, dir := range []string{"policies/animals", CaseDir} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(name string, entry fs.DirEntry, err error) error {
			if err == nil && !entry.IsDir() {
				files = append(files, filepath.Base(name))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(files, []string{"zebra.rego", "zebra_test.rego", "compose.yml", "expected.txt"}) {
		t.Errorf("there are %v", files)
	}
	left, err := filepath.Glob(filepath.Join(root, ".new-rule-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("%v is left: %v", left, err)
	}
}
