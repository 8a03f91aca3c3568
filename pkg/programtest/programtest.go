// Package programtest gives tests programs of other projects: built from the
// modules under testdata, and run as processes that end with the test. It is for
// tests only.
package programtest

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Build builds a tool of a module, whose folder is given from the repository's
// root, and returns its path. Go keeps it in its own cache: only the first time
// takes long.
func Build(t testing.TB, module, name string) string {
	t.Helper()
	root, err := rootOf(module)
	if err != nil {
		t.Fatal(err)
	}
	var stderr strings.Builder
	build := Command(t, "go", "-C", filepath.Join(root, module), "tool", "-n", name)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	build.Stderr = &stderr
	out, err := build.Output()
	if err != nil {
		t.Fatalf("%s cannot be built from %s: %v\n%s", name, module, err, stderr.String())
	}
	return strings.TrimSpace(string(out))
}

// rootOf is the folder above that holds the module.
func rootOf(module string) (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, module, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("there is no " + module + " above the test")
		}
	}
}

// Process is a program that runs.
type Process struct {
	command *exec.Cmd
	done    chan struct{}
}

// Start starts a command in a session of its own. It ends with the test, also when
// that is killed.
func Start(t testing.TB, command *exec.Cmd) *Process {
	t.Helper()
	if command.SysProcAttr == nil {
		command.SysProcAttr = &syscall.SysProcAttr{}
	}
	command.SysProcAttr.Pdeathsig, command.SysProcAttr.Setsid = syscall.SIGKILL, true
	if err := command.Start(); err != nil {
		t.Fatalf("starting %s: %v", filepath.Base(command.Path), err)
	}
	p := &Process{command: command, done: make(chan struct{})}
	go func() {
		_ = command.Wait()
		close(p.done)
	}()
	t.Cleanup(p.Kill)
	return p
}

// Done is closed when the program has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Ended is true when the program has ended.
func (p *Process) Ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// Kill ends the program as a power cut would, and waits until it is gone.
func (p *Process) Kill() {
	_ = p.command.Process.Kill()
	<-p.done
}

// Stop asks the program to end, and kills it when it has not within the limit.
func (p *Process) Stop(signal os.Signal, limit time.Duration) {
	_ = p.command.Process.Signal(signal)
	select {
	case <-p.done:
	case <-time.After(limit):
	}
	p.Kill()
}
