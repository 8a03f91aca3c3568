package programtest

import (
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// Bind has a command end with the test, and with it all that it starts: a script that is
// killed leaves a compiler behind otherwise. That holds when the test runs out of time or
// is killed, too, when no cleanup runs. What starts a session of its own gets away.
//
// The command must not have been started, and comes from [exec.CommandContext].
func Bind(t testing.TB, command *exec.Cmd) *exec.Cmd {
	t.Helper()
	// The watch leads the group, and reads from a pipe that nobody writes to: it ends
	// when the test closes its end, or is gone.
	reads, writes, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	watch := exec.Command("sh", "-c", "read -r _; kill -KILL 0")
	watch.Stdin = reads
	watch.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := watch.Start(); err != nil {
		t.Fatal(err)
	}
	_ = reads.Close()
	group := watch.Process.Pid
	t.Cleanup(func() {
		_ = writes.Close()
		_ = watch.Wait()
	})
	if command.SysProcAttr == nil {
		command.SysProcAttr = &syscall.SysProcAttr{}
	}
	command.SysProcAttr.Setpgid, command.SysProcAttr.Pgid = true, group
	command.Cancel = func() error { return syscall.Kill(-group, syscall.SIGKILL) }
	// Whoever got away may still hold the command's output.
	command.WaitDelay = 10 * time.Second
	return command
}

// Command is [exec.CommandContext] for the test, bound to it.
func Command(t testing.TB, name string, args ...string) *exec.Cmd {
	t.Helper()
	return Bind(t, exec.CommandContext(t.Context(), name, args...))
}
