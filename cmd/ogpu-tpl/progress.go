package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/docker/go-units"
	"github.com/opengpu-network/templates/pkg/report"
	"github.com/opengpu-network/templates/pkg/smoke"
	"golang.org/x/term"
)

// progress tells people what a smoke run is doing: each step on a line, and
// the bytes of a download at the end of the last one. It is silent when nobody
// watches, as in CI, unless it is told to speak.
type progress struct {
	out      io.Writer
	terminal bool
	now      func() time.Time
	// width is how many columns a line that is written over may take: one that
	// wraps is left behind with each step. 0 is no limit.
	width func() int

	mu sync.Mutex
	// open is the step whose line can still be written over, without its bytes.
	open string
	// last is when the bytes of a step were shown.
	last map[string]time.Time
}

// The least time between two looks at the same download: ten in a second are all
// that an eye can follow. What takes a new line, as in a log or between the steps
// of others, needs less.
const (
	overPause = 100 * time.Millisecond
	linePause = 10 * time.Second
)

func newProgress(world World, verbose bool) *progress {
	file, ok := world.Err.(*os.File)
	terminal := ok && term.IsTerminal(int(file.Fd())) && world.Getenv("TERM") != "dumb" && world.Getenv("CI") == ""
	if !terminal && !verbose {
		return &progress{}
	}
	width := func() int {
		if !terminal {
			return 0
		}
		columns, _, _ := term.GetSize(int(file.Fd()))
		return columns
	}
	return &progress{out: world.Err, terminal: terminal, now: world.Now, width: width}
}

// show writes one step.
func (p *progress) show(event smoke.Event) {
	if p.out == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	step := fmt.Sprintf("%s %s: %s", event.Template, event.Environment, safe(event.Text))
	if event.Done == 0 {
		p.end()
		p.write(step, "")
		return
	}
	over := p.terminal && p.open == step
	pause := linePause
	if over {
		pause = overPause
	}
	if last, shown := p.last[step]; shown && p.now().Sub(last) < pause {
		return
	}
	if p.last == nil {
		p.last = map[string]time.Time{}
	}
	p.last[step] = p.now()
	if over {
		fmt.Fprint(p.out, "\r\x1b[K")
	} else {
		p.end()
	}
	p.write(step, fmt.Sprintf(" %s of %s", units.HumanSize(float64(event.Done)), units.HumanSize(float64(event.Total))))
}

// write writes a step and its bytes, on a terminal so that they can be written
// over.
func (p *progress) write(step, bytes string) {
	if !p.terminal {
		fmt.Fprintln(p.out, step+bytes)
		return
	}
	shown := step
	if width := p.width(); width > 0 && bytes != "" {
		// The last column is left free: some terminals wrap when it is taken.
		shown = report.Head(step, max(0, width-1-len(bytes)))
	}
	fmt.Fprint(p.out, shown+bytes)
	p.open = step
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
