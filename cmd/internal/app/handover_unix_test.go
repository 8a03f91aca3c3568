//go:build unix

package app

import (
	"io/fs"
	"syscall"
	"testing"
)

// owned is a file of somebody.
type owned struct {
	fs.FileInfo
	user uint32
	mode fs.FileMode
}

func (o owned) Mode() fs.FileMode { return o.mode }
func (o owned) Sys() any          { return &syscall.Stat_t{Uid: o.user} }

// In a folder that everybody may write to, a stranger's program stands beside ours.
func TestStrangersAreNotTrusted(t *testing.T) {
	for _, c := range []struct {
		own, other uint32
		mode       fs.FileMode
		want       bool
	}{
		{1000, 1000, 0o755, true}, {1000, 1000, 0o775, true}, {1000, 0, 0o755, true}, {0, 0, 0o755, true},
		{1000, 1001, 0o755, false}, {0, 1000, 0o755, false}, {1000, 1000, 0o777, false}, {1000, 0, 0o757, false},
	} {
		if got := asTrusted(owned{user: c.own, mode: 0o755}, owned{user: c.other, mode: c.mode}); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}
