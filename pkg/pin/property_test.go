package pin

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"
	templates "github.com/opengpu-network/templates"
	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/lint"
	"github.com/opengpu-network/templates/pkg/policy"
	"github.com/opengpu-network/templates/pkg/registry"
	"io/fs"
)

// caseNames are the templates of testdata/pin/before.
func caseNames(t testing.TB) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(cases, "before"))
	if err != nil || len(entries) < 3 {
		t.Fatal(entries, err)
	}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// TestModelsDifferInImagesOnly asks compose-go itself: what it makes of each
// file before and after differs in digests, and in nothing else.
func TestModelsDifferInImagesOnly(t *testing.T) {
	for _, name := range caseNames(t) {
		t.Run(name, func(t *testing.T) {
			dir := copied(t, name)
			before := models(t, dir)
			if _, err := pinAll(t, dir); err != nil {
				t.Fatal(err)
			}
			after := models(t, dir)
			images := 0
			for file, model := range after {
				was, is := services(t, before[file]), services(t, model)
				for service, fields := range is {
					old, reference := was[service]["image"].(string), fields["image"].(string)
					delete(was[service], "image")
					delete(fields, "image")
					r, err := registry.Parse(reference)
					if err != nil || r.Digest == "" {
						t.Errorf("%s: %s is %q: %v", file, service, reference, err)
						continue
					}
					images++
					unpinned, _ := r.WithoutDigest()
					if old != reference && !strings.HasPrefix(old+":latest", unpinned.String()) {
						t.Errorf("%s: %s was %q and is %q", file, service, old, reference)
					}
				}
				if diff := cmp.Diff(before[file], model); diff != "" {
					t.Errorf("%s:\n%s", file, diff)
				}
			}
			if images == 0 {
				t.Error("no image was looked at")
			}
		})
	}
}

// models are what compose-go makes of a template's compose files.
func models(t *testing.T, dir string) map[string]map[string]any {
	t.Helper()
	all := map[string]map[string]any{}
	for _, environment := range catalog.AllEnvironments() {
		file := filepath.Join(dir, catalog.ComposePath(environment))
		if _, err := os.Stat(file); err != nil {
			continue
		}
		project, err := loader.LoadWithContext(t.Context(), types.ConfigDetails{
			WorkingDir: filepath.Dir(file), ConfigFiles: []types.ConfigFile{{Filename: file}}, Environment: types.Mapping{"PORT": "5000"},
		}, func(o *loader.Options) { o.SetProjectName("case", true) })
		if err != nil {
			t.Fatal(err)
		}
		text, err := project.MarshalJSON()
		var model map[string]any
		if err == nil {
			err = json.Unmarshal(text, &model)
		}
		if err != nil {
			t.Fatal(err)
		}
		for key := range model {
			if strings.HasPrefix(key, "x-") {
				delete(model, key) // an anchor there may be an image's
			}
		}
		all[file] = model
	}
	return all
}

func services(t *testing.T, model map[string]any) map[string]map[string]any {
	t.Helper()
	all := map[string]map[string]any{}
	list, _ := model["services"].(map[string]any)
	for name, service := range list {
		all[name], _ = service.(map[string]any)
	}
	if len(all) == 0 {
		t.Fatal("there are no services")
	}
	return all
}

// TestNothingNewForLint lints each template before and after: pinning may take
// findings away, and brings none.
func TestNothingNewForLint(t *testing.T) {
	builtin, err := fs.Sub(templates.Policies, "policies")
	if err != nil {
		t.Fatal(err)
	}
	set, err := policy.Load(builtin, nil, templates.PolicyInputSchema)
	if err == nil {
		err = set.Compile(t.Context(), nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	linter := &lint.Linter{Policies: set, Today: time.Date(2026, time.December, 1, 0, 0, 0, 0, time.UTC)}
	for _, name := range caseNames(t) {
		dir := copied(t, name)
		findings := func() map[string]int {
			result, err := linter.Run(t.Context(), []lint.Target{{Dir: dir, Display: name}})
			if err != nil {
				t.Fatal(err)
			}
			counts := map[string]int{}
			for _, f := range result.Findings {
				if strings.HasPrefix(f.Rule, "syntax/") {
					t.Errorf("%s: the command would not take it: %+v", name, f)
				}
				counts[f.Rule+" in "+f.File]++
			}
			return counts
		}
		before := findings()
		if _, err := pinAll(t, dir); err != nil {
			t.Fatal(err)
		}
		after := findings()
		for rule, count := range after {
			if count > before[rule] {
				t.Errorf("%s: %s: %d findings, and %d before", name, rule, count, before[rule])
			}
		}
		if len(before) == 0 {
			t.Errorf("%s: nothing is found before: the test proves nothing", name)
		}
	}
}
