package pin

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"time"

	"github.com/gofrs/flock"
)

// patience is how long another run that writes the same template is waited for.
// Writing takes milliseconds.
const patience = 30 * time.Second

// lock keeps other runs from writing the template's files at the same time. It is
// taken on the folder itself, so that no file is left behind, and it ends with
// the process.
func (s *scanned) lock(ctx context.Context) (unlock func(), err error) {
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	lock := flock.New(s.template.Dir, flock.SetFlag(os.O_RDONLY))
	locked, err := lock.TryLockContext(limited, 20*time.Millisecond)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case limited.Err() != nil:
		return nil, fmt.Errorf("%s is being written by another run: try again later", s.template.Display)
	case err != nil || !locked:
		return nil, fmt.Errorf("%s cannot be locked: %w", s.template.Display, reason(err))
	}
	return func() { _ = lock.Close() }, nil
}

// temporaryPrefix begins the names of files that are not finished.
const temporaryPrefix = ".ogpu-tpl-pin-"

var temporaryName = regexp.MustCompile(`^` + regexp.QuoteMeta(temporaryPrefix) + `[A-Z2-7]{26}$`)

// sweep removes what a run that was killed has left beside the files. The lock
// must be held: nobody else writes such files then.
func (s *scanned) sweep() {
	root, done := s.template.Root(), map[string]bool{}
	for _, f := range s.files {
		dir := path.Dir(f.name)
		if done[dir] {
			continue
		}
		done[dir] = true
		entries, _ := fs.ReadDir(root.FS(), dir) // what cannot be read was left by nobody
		for _, entry := range entries {
			if entry.Type().IsRegular() && temporaryName.MatchString(entry.Name()) {
				_ = root.Remove(path.Join(dir, entry.Name()))
			}
		}
	}
}
