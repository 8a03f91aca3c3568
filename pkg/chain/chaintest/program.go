// Package chaintest gives tests real programs of go-ethereum on loopback: the
// node geth and the signer clef, built from the module in testdata/chain. They
// are older than the library that the rest of the code is built with, and
// processes of their own. It is for tests only.
package chaintest

import (
	"bytes"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/opengpu-network/templates/pkg/programtest"
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

// process is a program that runs, and what it logs.
type process struct {
	*programtest.Process
	log *syncBuffer
}

// start starts a command whose standard error is its log.
func start(t testing.TB, command *exec.Cmd) *process {
	t.Helper()
	log := new(syncBuffer)
	command.Stderr = log
	return &process{programtest.Start(t, command), log}
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
