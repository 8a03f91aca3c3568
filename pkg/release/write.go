package release

import (
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// Write writes the files of a release, the list of their digests, and others
// beside them, into the folder dir. A new folder appears whole or not at all. In
// one that holds this release already each file is replaced by itself, and what
// else is there stays; one that holds anything else is refused.
func (r *Release) Write(dir string, beside map[string][]byte) error {
	files := map[string][]byte{SumsFile: r.Sums()}
	for _, f := range r.Files {
		files[f.Path] = f.Data
	}
	for name, data := range beside {
		if _, taken := files[name]; taken {
			return fmt.Errorf("%s is a file of the release", name)
		}
		files[name] = data
	}
	there, err := r.isAt(dir)
	if err == nil && there {
		err = writeAll(dir, files)
	} else if err == nil {
		err = writeNew(dir, files)
	}
	if err != nil {
		return fmt.Errorf("the release cannot be written: %w", err)
	}
	return nil
}

// writeNew makes a folder with the files.
func writeNew(dir string, files map[string][]byte) error {
	parent := filepath.Dir(filepath.Clean(dir))
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return err
	}
	draft, err := os.MkdirTemp(parent, ".ogpu-tpl-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(draft)
	if err := errors.Join(writeAll(draft, files), os.Chmod(draft, 0o755)); err != nil {
		return err
	}
	// An empty folder gives way; anything else does not.
	if err := os.Remove(dir); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return os.Rename(draft, dir)
}

// writeAll writes each file by replacing it. Nothing outside the folder is
// touched, whatever links it holds.
func writeAll(dir string, files map[string][]byte) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		temporary := path.Join(path.Dir(name), ".ogpu-tpl-"+rand.Text())
		err := errors.Join(root.MkdirAll(path.Dir(name), 0o755), root.WriteFile(temporary, files[name], 0o644))
		if err == nil {
			err = root.Rename(temporary, name)
		}
		if err != nil {
			_ = root.Remove(temporary)
			return err
		}
	}
	return nil
}

// isAt is true when the folder holds this release, and false when there is no
// folder or an empty one. Anything else is an error.
func (r *Release) isAt(dir string) (bool, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) || err == nil && len(entries) == 0 {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	sums := filepath.Join(dir, SumsFile)
	info, err := os.Lstat(sums)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxSums {
		return false, fmt.Errorf("%s is no folder of a release, and is not replaced: name another with --output", dir)
	}
	text, err := os.ReadFile(sums)
	if err != nil {
		return false, err
	}
	if string(text) != string(r.Sums()) {
		return false, fmt.Errorf("%s holds another release, which is not replaced: give the template a new version, or name another folder with --output", dir)
	}
	return true, nil
}

// maxSums is far above the size of a list of digests, in bytes.
const maxSums = 1 << 20
