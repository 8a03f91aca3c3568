// Package chaintest gives tests real programs of go-ethereum on loopback: the
// node geth and the signer clef, built from the module in testdata/chain. They
// are older than the library that the rest of the code is built with, and
// processes of their own. It is for tests only.
package chaintest

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	// folder is the module that builds the programs, from the repository's root.
	folder = "testdata/chain"
	// startLimit is how long a program may take until it answers, on a machine
	// with much else to do.
	startLimit = 2 * time.Minute
	// stopLimit is how long one may take to end in order.
	stopLimit = time.Minute
	// lookAgain is the pause between two looks at whether it answers.
	lookAgain = 50 * time.Millisecond
)

// binary builds one of the programs. Go keeps it in its own cache: only the
// first time takes long.
func binary(t testing.TB, name string) string {
	t.Helper()
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	var stderr strings.Builder
	build := exec.Command("go", "-C", filepath.Join(root, folder), "tool", "-n", name)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	build.Stderr = &stderr
	out, err := build.Output()
	if err != nil {
		t.Fatalf("%s cannot be built from %s: %v\n%s", name, folder, err, stderr.String())
	}
	return strings.TrimSpace(string(out))
}

// moduleRoot is the folder above that holds the programs' module.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, folder, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("there is no " + folder + " above the test")
		}
	}
}

// process is a program that runs, and what it logs.
type process struct {
	command *exec.Cmd
	log     *syncBuffer
	done    chan struct{}
}

// start starts a command whose standard error is its log. It ends with the test,
// also when that is killed.
func start(t testing.TB, command *exec.Cmd) *process {
	t.Helper()
	p := &process{command: command, log: new(syncBuffer), done: make(chan struct{})}
	command.Stderr = p.log
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setsid: true}
	if err := command.Start(); err != nil {
		t.Fatalf("starting %s: %v", filepath.Base(command.Path), err)
	}
	go func() {
		_ = command.Wait()
		close(p.done)
	}()
	t.Cleanup(p.kill)
	return p
}

func (p *process) kill() {
	_ = p.command.Process.Kill()
	<-p.done
}

// stop asks the program to end, and kills it when it does not.
func (p *process) stop() {
	_ = p.command.Process.Signal(syscall.SIGINT)
	select {
	case <-p.done:
	case <-time.After(stopLimit):
		p.kill()
	}
}

// syncBuffer is written and read at the same time.
type syncBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
