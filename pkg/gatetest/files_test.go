package gatetest

import (
	"archive/tar"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func writeFile(t testing.TB, file, text string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, mode); err != nil {
		t.Fatal(err)
	}
}

// writeTar writes an archive with one program in it.
func writeTar(t testing.TB, archive, name, program string) {
	t.Helper()
	data := read(t, program)
	file, err := os.Create(archive)
	if err != nil {
		t.Fatal(err)
	}
	writer := tar.NewWriter(file)
	if err := writer.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(data))}); err != nil {
		t.Fatal(err)
	}
	if _, err := writer.Write([]byte(data)); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}

// copySources copies what Git knows or would take, but for the catalog: what is
// being worked on is tested, too.
func copySources(t testing.TB, from, to string) {
	t.Helper()
	list := git(t, from, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	for _, name := range strings.Split(strings.TrimRight(list, "\x00"), "\x00") {
		if strings.HasPrefix(name, "templates/") || strings.HasPrefix(name, "deployments/") || name == "publishers.yaml" {
			continue
		}
		info, err := os.Lstat(filepath.Join(from, name))
		if os.IsNotExist(err) {
			continue // removed, and not committed yet
		}
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode()&os.ModeSymlink != 0 {
			link, err := os.Readlink(filepath.Join(from, name))
			if err == nil {
				err = os.MkdirAll(filepath.Dir(filepath.Join(to, name)), 0o755)
			}
			if err == nil {
				err = os.Symlink(link, filepath.Join(to, name))
			}
			if err != nil {
				t.Fatal(err)
			}
			continue
		}
		writeFile(t, filepath.Join(to, name), read(t, filepath.Join(from, name)), info.Mode().Perm())
	}
}
