// Package app is the program ogpu-tpl: its frame, and the commands that need files
// alone. Package full has the others.
package app

import (
	"context"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/sirupsen/logrus"
)

// GCPercent trades memory for time: a run is short, most of what it allocates
// while it compiles the policies lives until its end, and a thousand templates
// still fit into 320 MB. See docs/performance.md.
const GCPercent = 800

// memoryLimit is where that trade ends: near it the collector works as often as it
// must. What is judged within the limits of docs/cli.md lives in far less.
const memoryLimit = 320 << 20

// lastMoment is what a command has to end by itself once it is told to, unless it has
// to clean up. Not all that it waits for listens: a file system, a library.
const lastMoment = 500 * time.Millisecond

// cleansUp is true for commands that leave something on a machine, on a chain or in the
// catalog half done when they are ended: they end by themselves.
func cleansUp(args []string) bool {
	for _, arg := range args[min(1, len(args)):] {
		switch arg {
		case "lint", "changed", "list", "show", "render", "status", "verify", "history", "rules", "completion":
			return slices.Contains(args, "new")
		}
		if !strings.HasPrefix(arg, "-") {
			return true
		}
	}
	return false
}

// Run is the program as the system starts it. It does not return.
func Run(full Full) {
	debug.SetGCPercent(GCPercent)
	debug.SetMemoryLimit(memoryLimit)
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
	if err := otherBuild(); full != nil && err != nil {
		printf(os.Stderr, "ogpu-tpl: %s\n", Safe(err.Error()))
		os.Exit(StatusFailed)
	}
	ctx, stop := signal.NotifyContext(context.Background(), ends...)
	// A second interrupt ends the program at once. Those that services and
	// terminals send may come in pairs.
	context.AfterFunc(ctx, func() {
		signal.Reset(os.Interrupt)
		if !cleansUp(os.Args) {
			time.Sleep(lastMoment)
			os.Exit(StatusFailed)
		}
	})
	status := Main(ctx, os.Args, World{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Getenv: getenv, Now: time.Now,
	}, full)
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
