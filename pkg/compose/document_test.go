package compose

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCanonicalStandsAlone reads the canonical document of every compose file
// of the catalog again: it must mean the same, also from another folder.
func TestCanonicalStandsAlone(t *testing.T) {
	files, err := filepath.Glob("../../templates/*/compose/*.yml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		t.Run(file, func(t *testing.T) {
			first := loadFile(t, filepath.Dir(file), filepath.Base(file))
			text, err := json.Marshal(first.Canonical)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "again.yml"), text, 0o600); err != nil {
				t.Fatal(err)
			}
			second := loadFile(t, dir, "again.yml")
			if diff := cmp.Diff(asJSON(t, first.Model), asJSON(t, second.Model)); diff != "" {
				t.Errorf("the model changed:\n%s", diff)
			}
			one, err1 := first.Digest()
			two, err2 := second.Digest()
			if one != two || err1 != nil || err2 != nil {
				t.Errorf("digest %s, then %s (%v, %v)", one, two, err1, err2)
			}
			project, err := Typed(t.Context(), text, "ogpu-smoke-test", map[string]string{"PORT": "61000", "CALLBACK_URL": "http://host.docker.internal:61001"})
			if err != nil {
				t.Fatal(err)
			}
			published := 0
			for _, service := range project.Services {
				for _, port := range service.Ports {
					if port.Published == "61000" && port.Target == 5555 {
						published++
					}
				}
			}
			if published != 1 || project.Name != "ogpu-smoke-test" {
				t.Errorf("%d services of %s publish the port", published, project.Name)
			}
		})
	}
}

func loadFile(t *testing.T, dir, name string) *Project {
	t.Helper()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	project, problems := Load(t.Context(), root, name, func(name string) string { return name })
	if project == nil || len(problems) > 0 {
		t.Fatal(problems)
	}
	return project
}

// asJSON drops the difference between kinds of integers.
func asJSON(t *testing.T, value any) (plain any) {
	t.Helper()
	text, err := json.Marshal(value)
	if err == nil {
		err = json.Unmarshal(text, &plain)
	}
	if err != nil {
		t.Fatal(err)
	}
	return plain
}
