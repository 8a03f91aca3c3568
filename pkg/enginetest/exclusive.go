package enginetest

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gofrs/flock"
)

// holders are the tests of this process that have the engine for themselves.
var holders sync.Map

// Exclusive gives a test this machine's engine for itself until the test ends:
// other packages' tests run in other processes, and look at what is on the
// engine, too. A test may ask more than once.
func Exclusive(t testing.TB) {
	t.Helper()
	name, _, _ := strings.Cut(t.Name(), "/")
	if _, held := holders.LoadOrStore(name, true); held {
		return
	}
	lock := flock.New(filepath.Join(os.TempDir(), "ogpu-tpl-engine-test.lock"))
	if err := lock.Lock(); err != nil {
		t.Fatalf("the engine cannot be had alone: %v", err)
	}
	t.Cleanup(func() {
		holders.Delete(name)
		_ = lock.Unlock()
	})
}
