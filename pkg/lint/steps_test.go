package lint

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/opengpu-network/templates/pkg/compose"
	"github.com/opengpu-network/templates/pkg/policy"
)

// How many steps all rules may take together: an amount for any file, and one for each
// node of what they look at. Steps are counted, not time.
const (
	stepsForAny  = 20_000
	stepsPerNode = 250
)

// steps holds the work of all rules over a compose file against its size.
func steps(t *testing.T, set *policy.Set, dir, file string) {
	t.Helper()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	project, _ := compose.Load(context.Background(), root, file, func(name string) string { return name })
	if project == nil {
		return
	}
	input := composeInput(project, file, infer(project), nil)
	document, err := policy.NewInput(input)
	if err != nil {
		t.Fatal(err)
	}
	counted, err := set.Steps(context.Background(), policy.Compose, document)
	if err != nil {
		t.Fatal(err)
	}
	total, worst := 0, ""
	for module, n := range counted {
		if total += n; n > counted[worst] {
			worst = module
		}
	}
	if size := nodes(input); total > stepsForAny+stepsPerNode*size {
		t.Errorf("%s: the rules take %d steps for %d nodes, most of them %s: %d", file, total, size, worst, counted[worst])
	}
}

// No case makes the rules work more than its size.
func TestStepsOfCases(t *testing.T) {
	files, err := filepath.Glob("../../testdata/lint/*/*/compose.yml")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no cases", err)
	}
	set := policies(t, nil)
	for _, file := range files {
		steps(t, set, filepath.Dir(file), filepath.Base(file))
	}
}

// Whatever a file says, the rules' work is bounded by its size.
func FuzzSteps(f *testing.F) {
	addCases(f)
	set := policies(f, nil)
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(filepath.Join(dir, "compose.yml"), data, 0o600); err != nil {
			t.Fatal(err)
		}
		steps(t, set, dir, "compose.yml")
	})
}
