package gatetest

import (
	"github.com/opengpu-network/templates/pkg/programtest"
	"strings"
	"testing"
)

// TestOneProgramIsInstalled: pre-commit installs every program of the repository into the
// environment of the hook, and there is but one.
func TestOneProgramIsInstalled(t *testing.T) {
	list := programtest.Command(t, "go", "list", "-f", `{{if eq .Name "main"}}{{.ImportPath}}{{end}}`, "./...")
	list.Dir = root(t)
	out, err := list.Output()
	if got := strings.TrimSpace(string(out)); err != nil || got != "github.com/opengpu-network/templates/cmd/ogpu-tpl" {
		t.Errorf("go install ./... installs %q: %v", got, err)
	}
}
