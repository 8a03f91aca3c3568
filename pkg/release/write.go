package release

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// Write writes the files of a release, the list of their digests, and others
// beside them, into the folder dir. A new folder appears whole or not at all, and
// an empty one stays empty when something goes wrong. In one that holds this
// release already each file is replaced by itself, and what else is there stays;
// one that holds anything else is refused.
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
	state, err := r.at(dir)
	if err == nil {
		switch state {
		case same:
			err = writeAll(dir, files)
		case empty:
			// It may be where something is mounted: it cannot be replaced.
			if err = writeAll(dir, files); err != nil {
				err = errors.Join(err, clear(dir))
			}
		default:
			err = writeNew(dir, files)
		}
	}
	if err != nil {
		return fmt.Errorf("the release cannot be written: %w", err)
	}
	return nil
}

// CheckFolder is an error when Write would refuse the folder dir for what it holds.
// It is asked before something is done that cannot be undone, such as an upload.
func (r *Release) CheckFolder(dir string) error {
	if _, err := r.at(dir); err != nil {
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
	return os.Rename(draft, dir)
}

// writeAll writes each file by replacing it, the list of digests last: where that
// stands the rest does. Nothing outside the folder is touched, whatever links it
// holds.
func writeAll(dir string, files map[string][]byte) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(files)), func(name string) bool { return name == SumsFile })
	for _, name := range append(names, SumsFile) {
		if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
			return err
		}
		if err := replace(root, name, files[name]); err != nil {
			return err
		}
	}
	return nil
}

// clear empties a folder that was empty.
func clear(dir string) error {
	entries, err := os.ReadDir(dir)
	for _, entry := range entries {
		err = errors.Join(err, os.RemoveAll(filepath.Join(dir, entry.Name())))
	}
	return err
}

// state is what is at the place of a release.
type state int

const (
	nothing state = iota
	empty
	same
)

// at says what is in the folder: nothing, an empty folder, or this release.
// Anything else is an error.
func (r *Release) at(dir string) (state, error) {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nothing, nil
	case err != nil:
		return nothing, err
	case len(entries) == 0:
		return empty, nil
	}
	sums := filepath.Join(dir, SumsFile)
	info, err := os.Lstat(sums)
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxSums {
		return nothing, fmt.Errorf("the folder %s holds something that is no release, and is not replaced: name another with --output", dir)
	}
	text, err := os.ReadFile(sums)
	if err != nil {
		return nothing, err
	}
	if string(text) != string(r.Sums()) {
		return nothing, fmt.Errorf("the folder %s holds another release, which is not replaced: give the template a new version, or name another folder with --output", dir)
	}
	return same, nil
}

// maxSums is far above the size of a list of digests, in bytes.
const maxSums = 1 << 20
