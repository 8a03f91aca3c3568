package full

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/docker/go-units"
	"github.com/opengpu-network/templates/cmd/internal/app"
	"github.com/opengpu-network/templates/pkg/report"
	"github.com/opengpu-network/templates/pkg/smoke"
	"golang.org/x/term"
)

// Progress tells people what a smoke run is doing: each step on a line, and
// the bytes of a download at the end of the last one. It is silent when nobody
// watches, as in CI, unless it is told to speak.
type Progress struct {
	Out      io.Writer
	Terminal bool
	Now      func() time.Time
	// Width is how many columns a line that is written over may take: one that
	// wraps is left behind with each step. 0 is no limit.
	Width func() int

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
	// LinePause is that for a new line.
	LinePause = 10 * time.Second
)

func newProgress(world app.World, verbose bool) *Progress {
	file, ok := world.Err.(*os.File)
	terminal := ok && term.IsTerminal(int(file.Fd())) && world.Getenv("TERM") != "dumb" && world.Getenv("CI") == ""
	if !terminal && !verbose {
		return &Progress{}
	}
	width := func() int {
		if !terminal {
			return 0
		}
		columns, _, _ := term.GetSize(int(file.Fd()))
		return columns
	}
	return &Progress{Out: world.Err, Terminal: terminal, Now: world.Now, Width: width}
}

// Show writes one step.
func (p *Progress) Show(event smoke.Event) {
	if p.Out == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	step := fmt.Sprintf("%s %s: %s", event.Template, event.Environment, app.Safe(event.Text))
	if event.Done == 0 {
		p.end()
		p.write(step, "")
		return
	}
	over := p.Terminal && p.open == step
	pause := LinePause
	if over {
		pause = overPause
	}
	if last, shown := p.last[step]; shown && p.Now().Sub(last) < pause {
		return
	}
	if p.last == nil {
		p.last = map[string]time.Time{}
	}
	p.last[step] = p.Now()
	if over {
		fmt.Fprint(p.Out, "\r\x1b[K")
	} else {
		p.end()
	}
	p.write(step, fmt.Sprintf(" %s of %s", units.HumanSize(float64(event.Done)), units.HumanSize(float64(event.Total))))
}

// write writes a step and its bytes, on a terminal so that they can be written
// over.
func (p *Progress) write(step, bytes string) {
	if !p.Terminal {
		fmt.Fprintln(p.Out, step+bytes)
		return
	}
	shown := step
	if width := p.Width(); width > 0 && bytes != "" {
		// The last column is left free: some terminals wrap when it is taken.
		shown = report.Head(step, max(0, width-1-len(bytes)))
	}
	fmt.Fprint(p.Out, shown+bytes)
	p.open = step
}

func (p *Progress) end() {
	if p.open != "" {
		fmt.Fprintln(p.Out)
		p.open = ""
	}
}

// Close ends the line that is still open.
func (p *Progress) Close() {
	if p.Out == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.end()
}
