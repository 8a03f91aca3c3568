package bump

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"
)

const data = "../../testdata/changed"

// read reads and freezes the template in a folder. It has to be well-formed.
func read(t *testing.T, dir string) Side {
	t.Helper()
	side, err := Read(t.Context(), dir, dir)
	if err != nil {
		t.Fatal(err)
	}
	return side
}

// edited is one entry of changes.yaml.
type edited struct {
	Name   string
	Edit   map[string][][2]string
	All    [][2]string
	Write  map[string]string
	Remove []string
	Kinds  []string
	Level  string
}

func changesOf(t *testing.T) (all []edited) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(data, "changes.yaml"))
	if err == nil {
		err = yaml.Unmarshal(text, &all)
	}
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// apply makes a copy of the base template with the change in it.
func (e edited) apply(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "base")
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(data, "base"))); err != nil {
		t.Fatal(err)
	}
	replace := func(name string, edit [2]string, once bool) {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(text), edit[0]); n != 1 && once {
			t.Fatalf("%s: %q stands there %d times", name, edit[0], n)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(strings.ReplaceAll(string(text), edit[0], edit[1])), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, edits := range e.Edit {
		for _, edit := range edits {
			replace(name, edit, true)
		}
	}
	for _, edit := range e.All {
		for _, name := range []string{"compose/cpu.yml", "compose/nvidia.yml", "compose/amd.yml"} {
			replace(name, edit, false)
		}
	}
	for name, text := range e.Write {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range e.Remove {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// kindsOf lists the kinds of changes, each once, in the order of the changes.
func kindsOf(all []Change) []string {
	kinds := []string{}
	for _, c := range all {
		if !slices.Contains(kinds, c.Kind) {
			kinds = append(kinds, c.Kind)
		}
	}
	return kinds
}

// TestChanges makes each change of the table and looks at what it asks for. Where
// bytes of a release change, something is asked for.
func TestChanges(t *testing.T) {
	base := read(t, filepath.Join(data, "base"))
	seen := map[string]bool{}
	for _, e := range changesOf(t) {
		t.Run(e.Name, func(t *testing.T) {
			head := read(t, e.apply(t))
			found := Compare(base, head)
			if diff := cmp.Diff(append([]string{}, e.Kinds...), kindsOf(found)); diff != "" {
				t.Errorf("(- is expected):\n%s%+v", diff, found)
			}
			if got := Needed(found).String(); got != e.Level {
				t.Errorf("asks for %s, not %s: %+v", got, e.Level, found)
			}
			if base.Release.Digest != head.Release.Digest && len(found) == 0 {
				t.Error("other bytes ask for nothing")
			}
			for _, c := range found {
				seen[c.Kind] = true
				if c.Level != level(c.Kind) || c.What == "" || strings.Contains(c.What, "%!") {
					t.Errorf("%+v", c)
				}
			}
			// Back again: what is added is gone.
			if back := Compare(head, base); (len(back) == 0) != (len(found) == 0) {
				t.Errorf("and back: %+v", back)
			}
		})
	}
	environment := changesOf(t)[slices.IndexFunc(changesOf(t), func(e edited) bool { return e.Name == "environment gone" })]
	for _, c := range Compare(read(t, environment.apply(t)), base) {
		seen[c.Kind] = true
		if c.Kind != environmentAdded {
			t.Errorf("an environment that is added: %+v", c)
		}
	}
	for _, k := range Kinds() {
		// These two take a program that does not know its own tables, or a base that
		// nobody can read.
		if !seen[k.ID] && k.ID != undecidedKey && k.ID != unreadableBase && k.ID != contentOther {
			t.Errorf("no change of the table is of the kind %s", k.ID)
		}
	}
}
