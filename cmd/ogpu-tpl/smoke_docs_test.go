package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/opengpu-network/templates/pkg/smoke"
)

// TestSmokeKinds holds the table of docs/smoke.md against the program, and
// makes sure that each kind says what to do.
func TestSmokeKinds(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root(t), "docs/smoke.md"))
	if err != nil {
		t.Fatal(err)
	}
	var documented []string
	_, table, _ := strings.Cut(string(text), "## What goes wrong")
	for _, match := range regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\|").FindAllStringSubmatch(table, -1) {
		documented = append(documented, match[1])
	}
	slices.Sort(documented)
	kinds := smoke.Kinds()
	slices.Sort(kinds)
	if !slices.Equal(documented, kinds) {
		t.Errorf("documented: %v\nin the program: %v", documented, kinds)
	}
	for _, kind := range kinds {
		if strings.HasPrefix(kind, "engine-") && kind != smoke.EngineLost {
			continue // these come with a remedy for each reason
		}
		if smoke.Remedy(kind) == "" {
			t.Errorf("nothing says what to do about %s", kind)
		}
	}
}
