package pin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/gofrs/flock"
	"github.com/google/go-cmp/cmp"
	"github.com/opengpu-network/templates/pkg/catalog"
)

// changes are the edits that would be made to a template.
func changes(t *testing.T, dir string) (*scanned, []edited) {
	t.Helper()
	s, err := open(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	replacements, err := s.unpinned()
	if err != nil {
		t.Fatal(err)
	}
	changed, err := s.edit(replacements)
	if err != nil || len(changed) < 2 {
		t.Fatal(len(changed), err)
	}
	return s, changed
}

// TestSavedMeanwhile: what an editor saves while the new files are being
// written is not lost, neither when they are put in place nor when they are taken
// back.
func TestSavedMeanwhile(t *testing.T) {
	s, changed := changes(t, copied(t, "environments"))
	first := changed[0]
	name, err := s.beside(first.name, first.after)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.template.Root().WriteFile(first.name, []byte("# saved\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := s.swap(name, first.file, first.data); err == nil || !strings.Contains(err.Error(), "changed by somebody else") {
		t.Error(err)
	}
	if err := s.restore(changed[:1]); err == nil || !strings.Contains(err.Error(), "cannot be changed back") {
		t.Error(err)
	}
	if got, err := s.template.Root().ReadFile(first.name); err != nil || string(got) != "# saved\n" {
		t.Errorf("%q %v", got, err)
	}
	left, err := filepath.Glob(filepath.Join(s.template.Dir, "compose/.*"))
	if err != nil || len(left) != 1 || filepath.Base(left[0]) != filepath.Base(name) {
		t.Errorf("%v %v, want the one that swap was given", left, err)
	}
}

// TestLocked has another process that writes the template.
func TestLocked(t *testing.T) {
	s, changed := changes(t, copied(t, "environments"))
	other := flock.New(s.template.Dir, flock.SetFlag(os.O_RDONLY))
	if locked, err := other.TryLock(); err != nil || !locked {
		t.Fatal(locked, err)
	}
	before := content(t, s.template.Dir)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := s.write(ctx, changed); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if diff := cmp.Diff(before, content(t, s.template.Dir)); diff != "" {
		t.Error(diff)
	}
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.write(t.Context(), changed); err != nil {
		t.Error(err)
	}
}

// TestRunsAtTheSameTime: one of several runs writes, and the others find that the
// files are no longer what they read, or that nothing is left to do.
func TestRunsAtTheSameTime(t *testing.T) {
	dir := copied(t, "environments")
	var group sync.WaitGroup
	var wrote atomic.Int32
	for range 8 {
		group.Go(func() {
			template, _, err := catalog.Open(dir, "environments")
			if err != nil {
				t.Error(err)
				return
			}
			defer template.Close()
			switch changed, err := pinTemplate(t.Context(), template); {
			case err == nil && len(changed) > 0:
				wrote.Add(1)
			case err != nil && !strings.Contains(err.Error(), "changed by somebody else"):
				t.Error(err)
			}
		})
	}
	group.Wait()
	if wrote.Load() != 1 {
		t.Errorf("%d runs wrote", wrote.Load())
	}
	if diff := cmp.Diff(content(t, filepath.Join(cases, "after/environments")), content(t, dir)); diff != "" {
		t.Error(diff)
	}
}

// TestFullDisk: the new files do not fit, and nothing changes.
func TestFullDisk(t *testing.T) {
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=128k"); err != nil {
		t.Fatalf("this test needs root: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(disk, syscall.MNT_DETACH) })
	dir := filepath.Join(disk, "environments")
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(cases, "before/environments"))); err != nil {
		t.Fatal(err)
	}
	before := content(t, dir)
	filler, err := os.Create(filepath.Join(disk, "filler"))
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = filler.Write(make([]byte, 512))
	}
	if err := errors.Join(filler.Close()); err != nil {
		t.Fatal(err)
	}
	changed, err := pinAll(t, dir)
	if err == nil || len(changed) > 0 || !strings.Contains(err.Error(), "cannot be written: no space left on device") {
		t.Errorf("%v %v", changed, err)
	}
	if diff := cmp.Diff(before, content(t, dir)); diff != "" {
		t.Error(diff)
	}
}

// asVictim makes the test binary pin each template of a folder.
const asVictim = "OGPU_TPL_PIN_TEST_VICTIM"

func pinEach(dir string) int {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 1
	}
	fmt.Println("begins")
	for _, entry := range entries {
		template, _, err := catalog.Open(filepath.Join(dir, entry.Name()), entry.Name())
		if err != nil {
			return 1
		}
		if _, err := pinTemplate(context.Background(), template); err != nil {
			return 1
		}
		template.Close()
	}
	return 0
}

// TestKilled kills runs at any point. Each file is as it was or as it shall be,
// and the next run does the rest and cleans up.
func TestKilled(t *testing.T) {
	before, after := content(t, filepath.Join(cases, "before/environments")), content(t, filepath.Join(cases, "after/environments"))
	for delay := range 5 {
		dir := t.TempDir()
		for i := range 16 {
			if err := os.CopyFS(filepath.Join(dir, fmt.Sprint(i)), os.DirFS(filepath.Join(cases, "before/environments"))); err != nil {
				t.Fatal(err)
			}
		}
		victim := exec.Command(os.Args[0])
		victim.Env = append(os.Environ(), asVictim+"="+dir)
		stdout, err := victim.StdoutPipe()
		if err == nil {
			err = victim.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		begins := make([]byte, len("begins\n"))
		if _, err := stdout.Read(begins); err != nil || !bytes.HasPrefix(begins, []byte("begins")) {
			t.Fatalf("%q %v", begins, err)
		}
		time.Sleep(time.Duration(delay*6) * time.Millisecond)
		_ = victim.Process.Kill()
		_ = victim.Wait()
		for i := range 16 {
			one := filepath.Join(dir, fmt.Sprint(i))
			for file, text := range content(t, one) {
				if text != before[file] && text != after[file] && !strings.HasPrefix(filepath.Base(file), temporaryPrefix) {
					t.Errorf("%s is half-written: %q", file, text)
				}
			}
			if _, err := pinAll(t, one); err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(after, content(t, one)); diff != "" {
				t.Error(diff)
			}
		}
	}
}

// TestSweep removes what killed runs have left, and nothing else.
func TestSweep(t *testing.T) {
	s, changed := changes(t, copied(t, "environments"))
	root := s.template.Root()
	left := "compose/" + temporaryPrefix + strings.Repeat("A", 26)
	stays := []string{"compose/" + temporaryPrefix + "notes", "compose/.ogpu-tpl-" + strings.Repeat("A", 26), temporaryPrefix + strings.Repeat("a", 26)}
	for _, name := range append(stays, left) {
		if err := root.WriteFile(name, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.write(t.Context(), changed); err != nil {
		t.Fatal(err)
	}
	if _, err := root.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is there: %v", left, err)
	}
	for _, name := range stays {
		if _, err := root.Stat(name); err != nil {
			t.Error(err)
		}
	}
}
