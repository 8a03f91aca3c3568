package generate

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// What is generated is committed. The compiler comes from npm, as package.json
// and its lock file name it.
func TestGeneratedFilesAreCurrent(t *testing.T) {
	out := t.TempDir()
	if err := Run(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	root, err := repository()
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	err = fs.WalkDir(os.DirFS(out), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		count++
		fresh, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			return err
		}
		committed, err := os.ReadFile(filepath.Join(root, name))
		if err != nil || !bytes.Equal(fresh, committed) {
			t.Errorf("%s is stale: run make contracts, or go generate ./pkg/chain/contracts (%v)", name, err)
		}
		return nil
	})
	if err != nil || count != 3 {
		t.Errorf("%d files were generated (%v)", count, err)
	}
}

func TestMissingProgram(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := command(t.Context(), ".", nil, "node")
	if err == nil || !bytes.Contains([]byte(err.Error()), []byte("install Node.js")) {
		t.Errorf("does not say what to install: %v", err)
	}
}
