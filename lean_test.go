package templates_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/opengpu-network/templates/pkg/programtest"
	"go.yaml.in/yaml/v4"
)

// TestLintIsLean: what a newcomer compiles before the first lint is on a list, and in
// bounds.
func TestLintIsLean(t *testing.T) {
	var lean struct {
		Packages int
		Imports  []string
	}
	text, err := os.ReadFile("testdata/lean.yaml")
	if err == nil {
		err = yaml.Unmarshal(text, &lean)
	}
	if err != nil || lean.Packages == 0 {
		t.Fatal(lean, err)
	}
	own := moduleFile(t).Module.Mod.Path
	below := func(imported, entry string) bool { return imported == entry || strings.HasPrefix(imported, entry+"/") }
	seen := map[string]bool{}
	// A Mac and a PC are made of other packages of golang.org/x.
	for _, system := range []string{"linux", "darwin", "windows"} {
		list := programtest.Command(t, "go", "list", "-deps", "-f", "{{if .Standard}}std{{else}}{{.ImportPath}}{{end}}", "./cmd/ogpu-tpl")
		list.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system)
		out, err := list.Output()
		if err != nil {
			t.Fatal(err)
		}
		imports := strings.Fields(string(out))
		if len(imports) > lean.Packages {
			t.Errorf("%s: ogpu-tpl is made of %d packages, and testdata/lean.yaml allows %d", system, len(imports), lean.Packages)
		}
		for _, imported := range imports {
			at := slices.IndexFunc(lean.Imports, func(entry string) bool { return below(imported, entry) })
			if at >= 0 {
				seen[lean.Imports[at]] = true
			} else if imported != "std" && !below(imported, own) {
				t.Errorf("%s: ogpu-tpl is made of %s, and testdata/lean.yaml does not name it: does lint need it?", system, imported)
			}
		}
	}
	for _, entry := range lean.Imports {
		if !seen[entry] {
			t.Errorf("testdata/lean.yaml names %s, of which ogpu-tpl is not made", entry)
		}
	}
}
