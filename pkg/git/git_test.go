package git

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opengpu-network/templates/pkg/git/gittest"
)

func TestParse(t *testing.T) {
	hash := strings.Repeat("a", 40)
	tree, err := ParseTree([]byte("100644 blob " + hash + "\ta\tb\nc\x00120000 blob " + hash + "\t\xff\x00"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Entry{{Mode: ModeFile, Hash: hash, Path: "a\tb\nc"}, {Mode: ModeSymlink, Hash: hash, Path: "\xff"}}, tree); diff != "" {
		t.Error(diff)
	}
	index, err := ParseIndex([]byte("H 100755 " + hash + " 0\ta\x00S 100644 " + hash + " 0\tb\x00"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Entry{{Mode: ModeExecutable, Hash: hash, Path: "a"}, {Mode: ModeFile, Hash: hash, Path: "b", Skipped: true}}, index); diff != "" {
		t.Error(diff)
	}
	for _, text := range []string{"a", "\ta\x00", "100644 blob\ta\x00", "x\x00y\x00"} {
		if _, err := ParseTree([]byte(text)); err == nil {
			t.Errorf("%q is no list", text)
		}
		if _, err := ParseIndex([]byte(text)); err == nil {
			t.Errorf("%q is no list", text)
		}
	}
	if entries, err := ParseTree(nil); err != nil || len(entries) != 0 {
		t.Error(entries, err)
	}
}

// TestStored reads a real repository.
func TestStored(t *testing.T) {
	dir := t.TempDir()
	git := func(args ...string) string {
		t.Helper()
		return gittest.Run(t, dir, args...)
	}
	if _, err := Open(t.Context(), dir); !errors.Is(err, ErrNoRepository) {
		t.Error(err)
	}
	git("init", "-q")
	contents := map[string]string{"a": "first\n", "b": "", "c": strings.Repeat("x", 1000) + "\n\n"}
	for name, text := range contents {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	git("add", "-A")
	git("commit", "-qm", "x")
	r, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	commit, err := r.Commit(t.Context(), "HEAD")
	if err != nil || commit != git("rev-parse", "HEAD") {
		t.Error(commit, err)
	}
	if _, err := r.Commit(t.Context(), "--all"); !errors.Is(err, ErrNoCommit) {
		t.Error(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	var hashes []string
	for _, name := range []string{"a", "b", "c", "a"} {
		hash, err := HashFile(root, name, len(commit), 0)
		if err != nil || hash != git("hash-object", name) {
			t.Error(name, hash, err)
		}
		hashes = append(hashes, hash)
	}
	if _, err := HashFile(root, "c", len(commit), 100); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
	if _, err := HashFile(root, ".git", len(commit), 0); err == nil {
		t.Error("a folder has no content")
	}
	found, err := r.Contents(t.Context(), hashes, 2000, 5000)
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"a", "b", "c", "a"} {
		if string(found[i]) != contents[name] {
			t.Errorf("%s: %q", name, found[i])
		}
	}
	if _, err := r.Contents(t.Context(), hashes, 1000, 5000); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
	if _, err := r.Contents(t.Context(), hashes, 2000, 1010); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
	for _, missing := range []string{strings.Repeat("1", 40), commit} {
		if _, err := r.Contents(t.Context(), []string{missing}, 2000, 5000); err == nil {
			t.Errorf("%s is no content", missing)
		}
	}
	var refused *Error
	if _, err := r.Output(t.Context(), "cat-file", "blob", strings.Repeat("1", 40)); !errors.As(err, &refused) || refused.Command != "cat-file" || refused.Status != 128 || !strings.Contains(err.Error(), "git cat-file: fatal") {
		t.Error(err)
	}
	if on, err := r.Flag(t.Context(), "core.bare", true); on || err != nil {
		t.Error(on, err)
	}
	if on, err := r.Flag(t.Context(), "x.y", true); !on || err != nil {
		t.Error(on, err)
	}
}
