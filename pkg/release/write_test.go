package release

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWrite(t *testing.T) {
	r, readme := freeze(t, sample), files(t, golden)[ReadmeFile]
	parent := t.TempDir()
	t.Chdir(parent)
	must(t, os.Mkdir("empty", 0o755))
	must(t, os.Mkdir("here", 0o755))
	for _, dir := range []string{"new", "deep/er/new", "empty", "trailing/", "./dot"} {
		must(t, r.Write(dir, map[string][]byte{"provenance.devnet.json": []byte("1")}))
		must(t, r.Write(dir, map[string][]byte{"provenance.mainnet.json": []byte("2")}))
		must(t, r.Write(dir, map[string][]byte{"provenance.devnet.json": []byte("3")}))
		all := files(t, dir)
		if len(all) != len(r.Files)+3 || all["provenance.devnet.json"] != "3" || all["provenance.mainnet.json"] != "2" {
			t.Errorf("%s: %v", dir, all)
		}
	}
	t.Chdir("here")
	must(t, r.Write(".", nil))
	t.Chdir(parent)
	must(t, os.Mkdir("other", 0o755))
	must(t, os.WriteFile("other/file", nil, 0o600))
	must(t, os.WriteFile("file", nil, 0o600))
	must(t, os.Mkdir("link", 0o755))
	must(t, os.Symlink("/etc/hostname", "link/"+SumsFile))
	another := *r
	another.Files = another.Files[1:]
	for dir, want := range map[string]string{
		"other": "holds something that is no release", ".": "the folder . holds something", "link": "holds something", "file": "not a directory", "file/in": "not a directory",
	} {
		for _, err := range []error{r.CheckFolder(dir), r.Write(dir, nil)} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %q", dir, err, want)
			}
		}
	}
	if err := another.Write("new", nil); err == nil || !strings.Contains(err.Error(), "holds another release") {
		t.Error(err)
	}
	if err := r.Write("new2", map[string][]byte{ReadmeFile: nil}); err == nil {
		t.Error("the README is replaced")
	}
	// What links in the folder point to stays untouched.
	victim := filepath.Join(t.TempDir(), "victim")
	must(t, os.WriteFile(victim, []byte("mine"), 0o600))
	must(t, os.Remove("new/README.md"))
	must(t, os.Symlink(victim, "new/README.md"))
	must(t, r.Write("new", nil))
	if text, err := os.ReadFile(victim); err != nil || string(text) != "mine" || files(t, "new")[ReadmeFile] != readme {
		t.Errorf("%s %v", text, err)
	}
	must(t, os.RemoveAll("new/compose"))
	must(t, os.Symlink(t.TempDir(), "new/compose"))
	if err := r.Write("new", nil); err == nil {
		t.Error("a link leads out of the folder")
	}
	left, err := filepath.Glob(filepath.Join(parent, ".ogpu-tpl-*"))
	if err != nil || len(left) > 0 {
		t.Error(left, err)
	}
}
