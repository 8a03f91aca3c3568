// Command ogpu-tpl keeps a catalog of OpenGPU templates: it makes, imports, lints,
// pins, runs and freezes them, puts them on the chain, and tells what is there.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/sirupsen/logrus"
)

// gcPercent trades memory for time: a run is short, most of what it allocates
// while it compiles the policies lives until its end, and a thousand templates
// still fit into 320 MB. See docs/performance.md.
const gcPercent = 800

func main() {
	debug.SetGCPercent(gcPercent)
	// compose-go logs warnings of its own; what matters in them is a finding.
	logrus.SetOutput(io.Discard)
	// A reader that leaves early, as head does, must not end a run that has
	// something to clean up.
	signal.Ignore(syscall.SIGPIPE)
	ends := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // as nohup has it
		ends = append(ends, syscall.SIGHUP)
	}
	getenv := withholdSecrets()
	ctx, stop := signal.NotifyContext(context.Background(), ends...)
	// A second interrupt ends the program at once. Those that services and
	// terminals send may come in pairs.
	context.AfterFunc(ctx, func() { signal.Reset(os.Interrupt) })
	status := Main(ctx, os.Args, World{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Getenv: getenv, Now: time.Now,
	})
	stop()
	os.Exit(status)
}

// World is all of the machine that a run may touch besides files: its streams,
// its environment and its clock.
type World struct {
	In       io.Reader
	Out, Err io.Writer
	Getenv   func(name string) string
	Now      func() time.Time
}
