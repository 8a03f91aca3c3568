package app

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/opengpu-network/templates/pkg/document"
)

// Quoted reads a file that findings are about, to quote it. It has been read
// within limits before; it may have changed since.
func Quoted(file string) []byte {
	root, err := os.OpenRoot(filepath.Dir(file))
	if err != nil {
		return nil
	}
	defer root.Close()
	data, _ := document.Read(root, filepath.Base(file), file)
	return data
}

// maxLinks is how many symbolic links in a row are followed.
const maxLinks = 40

// linked is the file that a name stands for once its symbolic links are followed,
// also where the last one leads to nothing yet: a report goes where the link
// points, and does not take the link's place.
func linked(file string) string {
	for range maxLinks {
		target, err := os.Readlink(file)
		dir, dirErr := filepath.EvalSymlinks(filepath.Dir(file))
		if err != nil || dirErr != nil {
			break
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(dir, target)
		}
		file = target
	}
	return file
}

// SameFile is true when two names stand for one plain file, or would once it is
// written.
func SameFile(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	a, b = linked(a), linked(b)
	atA, errA := os.Stat(a)
	atB, errB := os.Stat(b)
	if errA == nil && errB == nil {
		return os.SameFile(atA, atB) && atA.Mode().IsRegular()
	}
	inA, errA := os.Stat(filepath.Dir(a))
	inB, errB := os.Stat(filepath.Dir(b))
	return errA == nil && errB == nil && os.SameFile(inA, inB) && filepath.Base(a) == filepath.Base(b)
}

// Writable makes sure that a report can be written to a file later.
func Writable(file string) error {
	if file == "" {
		return nil
	}
	if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() {
		if info.IsDir() {
			return errors.New("is a folder")
		}
		return nil
	}
	probe, err := os.CreateTemp(filepath.Dir(linked(file)), ".ogpu-tpl-*")
	if err != nil {
		return err
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// Deliver writes a report to a file, whole or not at all, or else to out. What
// is no file, such as /dev/null, is written to and not replaced, and so is what a
// symbolic link leads to.
func Deliver(file string, out io.Writer, data []byte) error {
	if file == "" {
		_, err := out.Write(data)
		return err
	}
	if info, err := os.Stat(file); err == nil && !info.Mode().IsRegular() {
		if err := os.WriteFile(file, data, 0o644); err != nil {
			return fmt.Errorf("the report cannot be written: %w", err)
		}
		return nil
	}
	file = linked(file)
	temporary, err := os.CreateTemp(filepath.Dir(file), ".ogpu-tpl-*")
	if err != nil {
		return fmt.Errorf("the report cannot be written: %w", err)
	}
	defer os.Remove(temporary.Name())
	_, err = temporary.Write(data)
	err = errors.Join(err, temporary.Chmod(0o644), temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), file)
	}
	if err != nil {
		return fmt.Errorf("the report cannot be written: %w", err)
	}
	return nil
}

// ReadLimited reads a file up to one byte more than a limit.
func ReadLimited(name string, limit int64) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("is no file")
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, limit+1))
}
