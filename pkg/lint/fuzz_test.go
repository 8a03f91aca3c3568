package lint

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"
)

// Whatever a compose file says, every rule comes to an answer: no rule fails on
// it, and every finding has a rule, a message and a place.
func FuzzLint(f *testing.F) {
	addCases(f)
	linter := &Linter{Policies: policies(f, nil), Today: time.Unix(0, 0)}
	all := &Linter{Policies: unlimited(f), Today: time.Unix(0, 0)}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(filepath.Join(dir, "compose.yml"), data, 0o644); err != nil {
			t.Fatal(err)
		}
		targets := []Target{{Dir: dir, File: "compose.yml", Display: "compose.yml"}}
		result, err := linter.Run(context.Background(), targets)
		if err != nil {
			t.Fatal(err)
		}
		if want, err := all.Run(context.Background(), targets); err != nil || !reflect.DeepEqual(result, want) {
			t.Fatalf("rules that wait for keys leave something out: %v, %v", result, want)
		}
		for _, finding := range result.Findings {
			if finding.Rule == "" || finding.Message == "" || finding.File == "" || finding.Severity == 0 {
				t.Errorf("an incomplete finding: %+v", finding)
			}
		}
	})
}

// addCases has a fuzz target start from the compose files of all cases.
func addCases(f *testing.F) {
	f.Helper()
	seeds, err := filepath.Glob("../../testdata/lint/*/*/compose.yml")
	if err != nil || len(seeds) == 0 {
		f.Fatal("there are no seeds", err)
	}
	for _, seed := range seeds {
		data, err := os.ReadFile(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
}
