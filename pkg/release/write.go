package release

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Write writes the files of a release, the list of their digests, and others
// beside them, into the folder dir: all of them or none. A folder that is there
// already must hold the same files; what stands beside them may differ.
func (r *Release) Write(dir string, beside map[string][]byte) (err error) {
	if err := r.sameAs(dir); err != nil {
		return err
	}
	parent := filepath.Dir(filepath.Clean(dir))
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return fmt.Errorf("the release cannot be written: %w", err)
	}
	draft, err := os.MkdirTemp(parent, ".ogpu-tpl-")
	if err != nil {
		return fmt.Errorf("the release cannot be written: %w", err)
	}
	defer os.RemoveAll(draft)
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
	for name, data := range files {
		file := filepath.Join(draft, filepath.FromSlash(name))
		err = errors.Join(err, os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, data, 0o644))
	}
	if err = errors.Join(err, os.Chmod(draft, 0o755)); err != nil {
		return fmt.Errorf("the release cannot be written: %w", err)
	}
	old := draft + "-old"
	if err := os.Rename(dir, old); err == nil {
		defer os.RemoveAll(old)
	}
	if err := os.Rename(draft, dir); err != nil {
		return errors.Join(fmt.Errorf("the release cannot be written: %w", err), ignoreMissing(os.Rename(old, dir)))
	}
	return nil
}

// sameAs makes sure that what would be replaced is this release, or nothing.
func (r *Release) sameAs(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return fmt.Errorf("the release cannot be written: %w", err)
	}
	sums, err := os.ReadFile(filepath.Join(dir, SumsFile))
	if err != nil {
		return fmt.Errorf("%s is no folder of a release, and is not replaced: name another with --output", dir)
	}
	if string(sums) != string(r.Sums()) {
		return fmt.Errorf("%s holds another release, which is not replaced: give the template a new version, or name another folder with --output", dir)
	}
	return nil
}

func ignoreMissing(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}
