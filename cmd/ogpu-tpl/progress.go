package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/docker/go-units"
	"github.com/opengpu-network/templates/pkg/smoke"
	"golang.org/x/term"
)

// progress tells people what a smoke run is doing: each step on a line, and
// the bytes of a download at the end of the last one. It is silent when nobody
// watches, as in CI, unless it is told to speak.
type progress struct {
	out      io.Writer
	terminal bool

	mu sync.Mutex
	// open is the step whose line can still be written over.
	open string
	last time.Time
}

func newProgress(world World, verbose bool) *progress {
	file, ok := world.Err.(*os.File)
	terminal := ok && term.IsTerminal(int(file.Fd())) && world.Getenv("TERM") != "dumb" && world.Getenv("CI") == ""
	if !terminal && !verbose {
		return &progress{}
	}
	return &progress{out: world.Err, terminal: terminal}
}

// show writes one step.
func (p *progress) show(event smoke.Event) {
	if p.out == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	step := fmt.Sprintf("%s %s: %s", event.Template, event.Environment, safe(event.Text))
	if event.Done > 0 {
		// Ten times in a second is all that an eye can follow; a log needs less.
		pause := 100 * time.Millisecond
		if !p.terminal {
			pause = 10 * time.Second
		}
		if time.Since(p.last) < pause {
			return
		}
		p.last = time.Now()
		bytes := fmt.Sprintf(" %s of %s", units.HumanSize(float64(event.Done)), units.HumanSize(float64(event.Total)))
		if p.terminal && p.open == step {
			fmt.Fprintf(p.out, "\r\x1b[K%s%s", step, bytes)
			return
		}
		step += bytes
	}
	p.end()
	fmt.Fprint(p.out, step)
	if p.open = strings.TrimSuffix(step, "\n"); !p.terminal {
		p.end()
	}
}

func (p *progress) end() {
	if p.open != "" {
		fmt.Fprintln(p.out)
		p.open = ""
	}
}

func (p *progress) close() {
	if p.out == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.end()
}
