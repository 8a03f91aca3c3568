//go:build unix

package app

import (
	"fmt"
	"io/fs"
	"syscall"
)

// start replaces the process by a program.
func start(program string, args []string, secrets map[string]string) (int, error) {
	return 0, fmt.Errorf("%s cannot be started: %w", program, become(program, args, secrets))
}

// asTrusted is true when nobody else could have put the other file there: in a folder
// that all may write to, such as /tmp, anybody can put a file beside a program.
func asTrusted(own, other fs.FileInfo) bool {
	ownSystem, ok := own.Sys().(*syscall.Stat_t)
	otherSystem, same := other.Sys().(*syscall.Stat_t)
	return ok && same && (otherSystem.Uid == ownSystem.Uid || otherSystem.Uid == 0) && other.Mode().Perm()&0o002 == 0
}
