package enginetest

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/gofrs/flock"
)

// holders are the tests of this process that hold the engine, and whether each has
// it for itself.
var holders sync.Map

// lockFile is the same for all processes.
func lockFile() string { return filepath.Join(os.TempDir(), "ogpu-tpl-engine-test.lock") }

// Exclusive gives a test this machine's engine for itself until the test ends:
// other packages' tests run in other processes, and look at what is on the
// engine, too. A test may ask more than once, and so may its sub-tests.
func Exclusive(t testing.TB) {
	t.Helper()
	hold(t, true)
}

// Shared gives a test this machine's engine beside others that ask for that, and
// keeps away those that want it for themselves: it is for a test that looks at what
// it has itself put on the engine, and at nothing else.
func Shared(t testing.TB) {
	t.Helper()
	hold(t, false)
}

func hold(t testing.TB, exclusive bool) {
	t.Helper()
	for name := t.Name(); ; {
		if has, held := holders.Load(name); held {
			if exclusive && has == false {
				t.Fatalf("%s shares the engine, and then wants it alone", name)
			}
			return
		}
		above := strings.LastIndexByte(name, '/')
		if above < 0 {
			break
		}
		name = name[:above]
	}
	lock := flock.New(lockFile())
	take := lock.RLock
	if exclusive {
		take = lock.Lock
	}
	if err := take(); err != nil {
		t.Fatalf("the engine cannot be had: %v", err)
	}
	holders.Store(t.Name(), exclusive)
	t.Cleanup(func() {
		holders.Delete(t.Name())
		_ = lock.Unlock()
	})
}
