package change

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/opengpu-network/templates/pkg/release"
)

// TestPast: trees that were made by hand are no more than files that cannot be had.
func TestPast(t *testing.T) {
	for _, c := range []struct {
		name  string
		files map[string]string
		note  string
		want  string
	}{
		{"none", map[string]string{"template.yaml": "1"}, "", ""},
		{"a note", map[string]string{"releases.json": "{}"}, "{}", ""},
		{"an empty one", map[string]string{"releases.json": "", "a": ""}, "", ""},
		{"above", map[string]string{"..": "1", "releases.json": "{}"}, "{}", "it has a file"},
		{"too large", map[string]string{"releases.json": strings.Repeat(" ", release.MaxReleasesBytes+1)}, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, _ := repository(t, c.files)
			set, err := Find(t.Context(), Options{Templates: filepath.Join(dir, "templates"), Since: "HEAD"})
			if err != nil {
				t.Fatal(err)
			}
			if noted := set.Noted(); len(noted) > 0 {
				t.Error("a template that is gone is noted", noted)
			}
			states, err := set.PastBase(t.Context(), "one")
			if err != nil || len(states) != 1 {
				t.Fatal(states, err)
			}
			note, err := states[0].Note(t.Context())
			if string(note) != c.note || (c.name == "too large") != errors.Is(err, ErrNoBase) || err != nil && c.name != "too large" || err == nil && (note == nil) != (c.files["releases.json"] == "" && c.name == "none") {
				t.Errorf("%q %v", note, err)
			}
			if err := states[0].Write(t.Context(), t.TempDir()); c.want == "" && err != nil || c.want != "" && (!errors.Is(err, ErrNoBase) || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%v, want %q", err, c.want)
			}
			if states, err := set.PastTip(t.Context(), "two"); err != nil || len(states) > 0 {
				t.Error(states, err)
			}
		})
	}
}

// TestNoteOfThisClone: a link is no note, nor is what a sparse checkout leaves out.
func TestNoteOfThisClone(t *testing.T) {
	dir, git := repository(t, map[string]string{"a": "1", "releases.json": "{}"})
	git("", "read-tree", "HEAD")
	file := filepath.Join(dir, "templates/one/releases.json")
	noted := func() *Set {
		t.Helper()
		set, err := Find(t.Context(), Options{Templates: filepath.Join(dir, "templates"), Since: "HEAD"})
		if err != nil {
			t.Fatal(err)
		}
		return set
	}
	if err := os.WriteFile(filepath.Join(dir, "templates/one/a"), []byte("1"), 0o600); err != nil {
		t.Fatal(err)
	}
	set := noted()
	if text, err := set.Note("one"); !slices.Equal(set.Noted(), []string{"one"}) || text != nil || err != nil {
		t.Errorf("%v %q %v", set.Noted(), text, err)
	}
	if err := os.Symlink("a", file); err != nil {
		t.Fatal(err)
	}
	set = noted()
	if text, err := set.Note("one"); !slices.Equal(set.Noted(), []string{"one"}) || text != nil || err == nil {
		t.Errorf("%v %q %v", set.Noted(), text, err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	git("", "update-index", "--skip-worktree", "templates/one/releases.json")
	if set = noted(); len(set.Noted()) > 0 {
		t.Error(set.Noted())
	}
	git("", "update-index", "--cacheinfo", "100644,"+git("[]", "hash-object", "-w", "--stdin")+",templates/one/releases.json")
	git("", "update-index", "--skip-worktree", "templates/one/releases.json")
	set = noted()
	if text, err := set.Note("one"); !slices.Equal(set.Noted(), []string{"one"}) || text != nil || err == nil || !strings.Contains(err.Error(), "sparse") {
		t.Errorf("%v %q %v", set.Noted(), text, err)
	}
}
