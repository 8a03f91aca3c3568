package pin

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"reflect"

	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/compose"
	"github.com/opengpu-network/templates/pkg/document"
)

// replace writes references into a template's files, all of them or none. It
// returns the paths of the files that changed, below the template's folder.
func (s *scanned) replace(ctx context.Context, replacements map[string]string) ([]string, error) {
	changed, err := s.edit(replacements)
	if err != nil || len(changed) == 0 {
		return nil, err
	}
	if err := s.verify(ctx, changed, replacements); err != nil {
		return nil, err
	}
	if err := s.write(ctx, changed); err != nil {
		return nil, err
	}
	var names []string
	for _, e := range changed {
		names = append(names, e.name)
	}
	return names, nil
}

// verify reads the edited compose files in a folder of their own: each model
// must be what it was, but for the images.
func (s *scanned) verify(ctx context.Context, changed []edited, replacements map[string]string) error {
	dir, err := os.MkdirTemp("", "ogpu-tpl-pin-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	content := map[string][]byte{}
	for _, f := range s.files {
		content[f.name] = f.data
	}
	for _, e := range changed {
		content[e.name] = e.after
	}
	for name, data := range content {
		at := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(at, data, 0o600); err != nil {
			return err
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for name, before := range s.projects {
		after, problems := compose.Load(ctx, root, name, s.display)
		if err := ctx.Err(); err != nil {
			return err
		}
		if len(problems) > 0 {
			return fmt.Errorf("%s: it cannot be edited: %s", at(problems[0].Position), problems[0].Message)
		}
		if !reflect.DeepEqual(after.Canonical, withImages(before.Canonical, replacements)) {
			return fmt.Errorf("%s: it cannot be edited without changing something else", s.display(name))
		}
	}
	return nil
}

// withImages is a canonical model with other images.
func withImages(model map[string]any, replacements map[string]string) map[string]any {
	copied := map[string]any{}
	for key, value := range model {
		copied[key] = value
	}
	services, _ := model["services"].(map[string]any)
	changed := map[string]any{}
	for name, service := range services {
		fields := map[string]any{}
		old, _ := service.(map[string]any)
		for key, value := range old {
			fields[key] = value
		}
		if image, ok := fields["image"].(string); ok {
			if other, ok := replacements[image]; ok {
				fields["image"] = other
			}
		}
		changed[name] = fields
	}
	if services != nil {
		copied["services"] = changed
	}
	return copied
}

// write puts the files in place. Each is written whole beside the old one
// first; then all are renamed, and back again when one cannot be. Nothing that
// somebody else has written since the files were read is replaced.
func (s *scanned) write(ctx context.Context, changed []edited) (err error) {
	unlock, err := s.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	s.sweep()
	var temporary []string
	defer func() {
		for _, name := range temporary {
			_ = s.template.Root().Remove(name) // those that were renamed are gone already
		}
	}()
	for _, e := range changed {
		if err := s.writable(e.file); err != nil {
			return err
		}
		name, err := s.beside(e.name, e.after)
		if name != "" {
			temporary = append(temporary, name)
		}
		if err != nil {
			return fmt.Errorf("%s cannot be written: %w", s.display(e.name), reason(err))
		}
	}
	for i, e := range changed {
		// An editor may have saved the file meanwhile: it is looked at again right
		// before it is replaced.
		if err := s.swap(temporary[i], e.file, e.data); err != nil {
			return errors.Join(err, s.restore(changed[:i]))
		}
	}
	return nil
}

// swap puts a temporary file in the place of one that must still have the given
// content.
func (s *scanned) swap(temporary string, f *file, content []byte) error {
	if err := s.unchanged(f, content); err != nil {
		return err
	}
	if err := s.template.Root().Rename(temporary, f.name); err != nil {
		return fmt.Errorf("%s cannot be written: %w", s.display(f.name), reason(err))
	}
	return nil
}

// restore writes the old content of files that have been replaced, but for those
// that somebody else has changed since.
func (s *scanned) restore(changed []edited) (err error) {
	for _, e := range changed {
		name, failed := s.beside(e.name, e.data)
		if failed == nil {
			failed = s.swap(name, e.file, e.after)
		}
		if failed != nil {
			if name != "" {
				_ = s.template.Root().Remove(name)
			}
			err = errors.Join(err, fmt.Errorf("%s has been changed and cannot be changed back: %w", s.display(e.name), reason(failed)))
		}
	}
	return err
}

// unchanged makes sure that a file has the given content.
func (s *scanned) unchanged(f *file, content []byte) error {
	if err := s.isPlain(f.name); err != nil {
		return err
	}
	data, problems := document.Read(s.template.Root(), f.name, f.doc.File)
	if len(problems) > 0 || !bytes.Equal(data, content) {
		return fmt.Errorf("%s has been changed by somebody else: run it again", f.doc.File)
	}
	return nil
}

// writable makes sure that a file is what was read, and that its owner has not
// closed it to changes. Renaming would not ask.
func (s *scanned) writable(f *file) error {
	if err := s.unchanged(f, f.data); err != nil {
		return err
	}
	info, err := s.template.Root().Lstat(f.name)
	if err == nil && info.Mode().Perm()&0o200 == 0 {
		err = errors.New("it is read-only: make it writable first")
	}
	if err != nil {
		return fmt.Errorf("%s cannot be written: %w", f.doc.File, reason(err))
	}
	return nil
}

// beside writes a new file in another's folder, with the other's permissions,
// and returns its name. It is on the disk when there is no error.
func (s *scanned) beside(name string, data []byte) (string, error) {
	root := s.template.Root()
	info, err := root.Lstat(name)
	if err != nil {
		return "", err
	}
	temporary := path.Join(path.Dir(name), temporaryPrefix+rand.Text())
	out, err := root.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	_, err = out.Write(data)
	return temporary, errors.Join(err, out.Chmod(info.Mode().Perm()), out.Sync(), out.Close())
}

// reason drops the names of temporary files from an error.
func reason(err error) error {
	var link *os.LinkError
	var file *fs.PathError
	switch {
	case errors.As(err, &link):
		return link.Err
	case errors.As(err, &file):
		return file.Err
	default:
		return err
	}
}

// Record writes the digest of the image that is built from a template's own
// service into its compose files, as Run does with those of other images. It
// returns the files that changed. The error says where it cannot be written;
// nothing has changed then.
func Record(ctx context.Context, t *catalog.Template, digest string) ([]string, error) {
	s, err := scan(ctx, t)
	if err != nil {
		return nil, err
	}
	all, err := s.references()
	if err != nil {
		return nil, err
	}
	replacements := map[string]string{}
	for _, w := range all {
		if t.Manifest.Service.Builds(w.text) {
			replacements[w.text] = w.parsed.WithDigest(digest).String()
		}
	}
	if len(replacements) == 0 {
		return nil, fmt.Errorf("no compose file of %s uses the image %s", t.Name, t.Manifest.Service.Image)
	}
	return s.replace(ctx, replacements)
}
