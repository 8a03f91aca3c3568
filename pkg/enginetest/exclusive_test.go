package enginetest

import (
	"testing"

	"github.com/gofrs/flock"
)

// free says whether somebody else could now share the engine, and have it alone.
func free(t *testing.T) (shared, alone bool) {
	t.Helper()
	for _, way := range []struct {
		try func(*flock.Flock) (bool, error)
		got *bool
	}{{(*flock.Flock).TryRLock, &shared}, {(*flock.Flock).TryLock, &alone}} {
		lock := flock.New(lockFile())
		var err error
		if *way.got, err = way.try(lock); err != nil {
			t.Fatal(err)
		}
		if err := lock.Unlock(); err != nil {
			t.Fatal(err)
		}
	}
	return shared, alone
}

// TestHolding: a test that shares the engine keeps away who wants it alone, and one
// that has it alone keeps everybody away, also when its sub-tests have asked again.
func TestHolding(t *testing.T) {
	t.Run("shared", func(t *testing.T) {
		Shared(t)
		t.Run("again", func(t *testing.T) { Shared(t) })
		if shared, alone := free(t); !shared || alone {
			t.Errorf("others can share it: %v, have it alone: %v", shared, alone)
		}
	})
	t.Run("alone", func(t *testing.T) {
		Exclusive(t)
		t.Run("again", func(t *testing.T) { Exclusive(t); Shared(t) })
		if shared, alone := free(t); shared || alone {
			t.Errorf("others can share it: %v, have it alone: %v", shared, alone)
		}
	})
}
