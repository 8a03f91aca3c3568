package change

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/opengpu-network/templates/pkg/git/gittest"
)

// repository is a real repository whose HEAD has a tree that was made by hand:
// hostile names and all. Its files are by their paths; objects by mktree would have
// to be sound.
func repository(t *testing.T, files map[string]string) (dir string, git func(in string, args ...string) string) {
	t.Helper()
	dir = t.TempDir()
	git = func(in string, args ...string) string {
		t.Helper()
		return gittest.RunWith(t, dir, in, args...)
	}
	git("", "init", "-q")
	raw := func(hash string) string {
		var b strings.Builder
		for i := 0; i < len(hash); i += 2 {
			var n byte
			if _, err := fmt.Sscanf(hash[i:i+2], "%02x", &n); err != nil {
				t.Fatal(err)
			}
			b.WriteByte(n)
		}
		return b.String()
	}
	inner := ""
	for name, text := range files {
		inner += "100644 " + name + "\x00" + raw(git(text, "hash-object", "-w", "--stdin"))
	}
	tree := git(inner, "hash-object", "-t", "tree", "-w", "--stdin", "--literally")
	for _, folder := range []string{"one", "templates"} {
		tree = git("40000 "+folder+"\x00"+raw(tree), "hash-object", "-t", "tree", "-w", "--stdin", "--literally")
	}
	git("", "update-ref", "HEAD", git("", "commit-tree", "-m", "x", tree))
	if err := os.MkdirAll(filepath.Join(dir, "templates/one"), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir, git
}

// TestWriteBase: a tree that was made by hand leads nowhere else, and one that is too
// large is not read.
func TestWriteBase(t *testing.T) {
	for _, c := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"sound", map[string]string{"a": "1"}, ""},
		{"nothing", map[string]string{"releases.json": "1"}, ""},
		{"above", map[string]string{"..": "1"}, "it has a file"},
		{"here", map[string]string{".": "1"}, "it has a file"},
		{"a path in a name", map[string]string{"../../x": "1"}, "it has a file"},
		{"a path to the root", map[string]string{"/x": "1"}, "it has a file"},
		{"a file and a folder", map[string]string{"a": "1", "a/b": "1"}, "cannot be read as it is on the base"},
		{"too large", map[string]string{"a": strings.Repeat("x", maxBaseFile+1)}, "it is too large"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, _ := repository(t, c.files)
			set, err := Find(t.Context(), Options{Templates: filepath.Join(dir, "templates"), Since: "HEAD"})
			if err != nil {
				t.Fatal(err)
			}
			if len(set.Templates) != 1 || set.Templates[0].Name != "one" || set.Templates[0].Status != Removed {
				t.Fatalf("%+v", set.Templates)
			}
			parent := t.TempDir()
			out := filepath.Join(parent, "a/b")
			if err := os.MkdirAll(out, 0o755); err != nil {
				t.Fatal(err)
			}
			err = set.WriteBase(t.Context(), "one", out)
			if c.want == "" && err != nil || c.want != "" && (!errors.Is(err, ErrNoBase) || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%v, want %q", err, c.want)
			}
			for _, stray := range []string{"x", "a/x"} {
				if _, err := os.Lstat(filepath.Join(parent, stray)); err == nil {
					t.Errorf("%s was written", stray)
				}
			}
		})
	}
}

// TestLarge: what is too large to be compared counts as changed.
func TestLarge(t *testing.T) {
	dir, git := repository(t, map[string]string{"a": "1"})
	name := filepath.Join(dir, "templates/one/a")
	git("", "read-tree", "HEAD")
	for size, want := range map[int64]int{1: 0, maxFileBytes + 1: 1} {
		if err := os.WriteFile(name, []byte("1"), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(name, size); err != nil {
			t.Fatal(err)
		}
		set, err := Find(t.Context(), Options{Templates: filepath.Join(dir, "templates"), Since: "HEAD"})
		if err != nil || len(set.Templates) != want {
			t.Errorf("%d bytes: %+v, %v", size, set, err)
		}
	}
}

// TestSharedPathsHoldWhatIsBuiltIn: what the program is built with decides on every
// template.
func TestSharedPathsHoldWhatIsBuiltIn(t *testing.T) {
	text, err := os.ReadFile("../../embed.go")
	if err != nil {
		t.Fatal(err)
	}
	embedded := 0
	for line := range strings.Lines(string(text)) {
		list, ok := strings.CutPrefix(line, "//go:embed ")
		if !ok {
			continue
		}
		for _, name := range strings.Fields(list) {
			name = strings.TrimPrefix(name, "all:")
			embedded++
			if !slices.ContainsFunc(SharedPaths(), func(p string) bool { return name == p || strings.HasPrefix(name, p+"/") }) {
				t.Errorf("embed.go embeds %s, which is not shared", name)
			}
		}
	}
	if embedded == 0 {
		t.Error("embed.go embeds nothing")
	}
}

func TestCheckRef(t *testing.T) {
	for name, ok := range map[string]bool{"main": true, "origin/main": true, "HEAD~3": true, "v1.0": true, "": false, "-x": false, "--all": false, "a\x00b": false, "a\nb": false, strings.Repeat("a", 1001): false} {
		if err := CheckRef(name); (err == nil) != ok {
			t.Errorf("%q: %v", name, err)
		}
	}
}
