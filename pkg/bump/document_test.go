package bump

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opengpu-network/templates/pkg/compose"
)

var update = flag.Bool("update", false, "write the tables of docs/versions.md")

// TestDocument: the tables of docs/versions.md are those of the program.
func TestDocument(t *testing.T) {
	const file = "../../docs/versions.md"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var kinds, keys strings.Builder
	kinds.WriteString("| change | version |\n| --- | --- |\n")
	for _, k := range Kinds() {
		fmt.Fprintf(&kinds, "| %s | %s |\n", k.Title, k.Level)
	}
	all, err := Keys()
	if err != nil {
		t.Fatal(err)
	}
	byMeaning := map[string][]string{}
	var meanings []string
	for _, k := range all {
		if byMeaning[k.Meaning] == nil {
			meanings = append(meanings, k.Meaning)
		}
		byMeaning[k.Meaning] = append(byMeaning[k.Meaning], "`"+k.Pattern+"`")
	}
	slices.Sort(meanings)
	keys.WriteString("| what asks for a major version | keys |\n| --- | --- |\n")
	for _, meaning := range meanings {
		fmt.Fprintf(&keys, "| %s | %s |\n", meaning, strings.Join(byMeaning[meaning], ", "))
	}
	want := replaced(t, replaced(t, string(text), "changes", kinds.String()), "keys", keys.String())
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(string(text), "\n")); diff != "" {
		t.Errorf("docs/versions.md differs (- is what the program does; -update writes it):\n%s", diff)
	}
}

// replaced puts a table between a document's marks.
func replaced(t *testing.T, text, mark, table string) string {
	t.Helper()
	before, rest, ok := strings.Cut(text, "<!-- "+mark+":")
	line, rest, ok2 := strings.Cut(rest, "\n")
	_, after, ok3 := strings.Cut(rest, "<!-- end -->")
	if !ok || !ok2 || !ok3 {
		t.Fatalf("docs/versions.md has no place for %s", mark)
	}
	return before + "<!-- " + mark + ":" + line + "\n\n" + table + "\n<!-- end -->" + after
}

// TestKeysAreDecided: each key of the Compose Specification has been looked at. What
// is not in the table is here, so that a key that Compose gets is noticed.
func TestKeysAreDecided(t *testing.T) {
	keys, err := Keys()
	if err != nil {
		t.Fatal(err)
	}
	var patterns []string
	known := compose.SpecificationKeys()
	for _, k := range keys {
		patterns = append(patterns, k.Pattern)
		if !slices.Contains(known, k.Pattern) {
			t.Errorf("%s is no key of the Compose Specification", k.Pattern)
		}
	}
	// These are taken out when a model is resolved.
	resolved := []string{"version", "name", "include", "services.*.extends"}
	for _, key := range known {
		decided := slices.ContainsFunc(patterns, func(p string) bool {
			return key == p || strings.HasPrefix(key, p+".") || strings.HasPrefix(p, key+".")
		})
		if !decided && !slices.ContainsFunc(resolved, func(p string) bool { return key == p || strings.HasPrefix(key, p+".") }) {
			t.Errorf("nobody has decided on %s", key)
		}
	}
}

// TestUndecidedKey: a key that nobody has decided on asks for most.
func TestUndecidedKey(t *testing.T) {
	for _, service := range []map[string]any{{"image": "a", "new_key": true}, {"image": "a", "deploy": "text"}, {"image": "a", "deploy": map[string]any{"new": 1}}} {
		base := &compose.Project{Model: map[string]any{"services": map[string]any{"a": map[string]any{"image": "a"}}}}
		head := &compose.Project{Model: map[string]any{"services": map[string]any{"a": service}}}
		var found changes
		compareProjects(&found, 1, base, head)
		if len(found) != 1 || found[0].Kind != undecidedKey || found[0].Level != Major {
			t.Errorf("%v: %+v", service, found)
		}
	}
}
