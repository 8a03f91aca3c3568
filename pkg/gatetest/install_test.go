package gatetest

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/opengpu-network/templates/pkg/programtest"
)

// mains are the names of the tool's programs, which stand beside each other wherever it is
// installed.
func mains(t testing.TB) (names []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root(t), "cmd/*/main.go"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		names = append(names, filepath.Base(filepath.Dir(file)))
	}
	return names
}

// TestProgramsAreInstalled: pre-commit installs every program of the repository into the
// environment of the hook, and there are no others.
func TestProgramsAreInstalled(t *testing.T) {
	list := programtest.Command(t, "go", "list", "-f", `{{if eq .Name "main"}}{{.ImportPath}}{{end}}`, "./...")
	list.Dir = root(t)
	out, err := list.Output()
	var want []string
	for _, name := range mains(t) {
		want = append(want, "github.com/opengpu-network/templates/cmd/"+name)
	}
	if got := strings.Fields(string(out)); err != nil || !slices.Equal(got, want) {
		t.Errorf("go install ./... installs %q, want %q: %v", got, want, err)
	}
}
