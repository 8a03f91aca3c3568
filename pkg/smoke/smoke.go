// Package smoke runs a template as a provider does: it starts the stack on a
// Docker engine, sends it tasks, and checks what comes back.
package smoke

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/compose"
	"github.com/opengpu-network/templates/pkg/engine"
	"github.com/opengpu-network/templates/pkg/hardware"
	"github.com/opengpu-network/templates/pkg/readback"
	"github.com/opengpu-network/templates/pkg/record"
	"golang.org/x/sync/semaphore"
)

// Runner holds what all runs of one invocation share.
type Runner struct {
	Engine *engine.Engine
	// Locks is the folder in which runs of this user leave their locks.
	Locks string
	// Binary is the program that becomes the relay's image, when the engine is
	// on another host: a static Linux build of this program.
	Binary string
	// BuildArgs and BuildNetwork are for the images of templates' services.
	BuildArgs    map[string]string
	BuildNetwork string
	// Limit is how long one run may take in all.
	Limit time.Duration
	// Pretend asks the engine about GPUs that the kernel does not know.
	Pretend bool
	// Keep leaves the stacks up.
	Keep bool
	// Progress is told what is going on; it is called from several goroutines.
	Progress func(Event)

	ports ports
	// decoding bounds how many results are decoded at a time.
	decoding     *semaphore.Weighted
	decodingOnce sync.Once

	// known are the engine's defaults, once they were asked for.
	known      *readback.Engine
	knownMutex sync.Mutex

	facts  hardware.Facts
	offers offers
}

// Event is a step of a run, for people to follow.
type Event struct {
	Template    string
	Environment string
	Text        string
	// Done and Total are bytes, when the step is a download.
	Done, Total int64
}

// Subject is what a run is about.
type Subject struct {
	Template    *catalog.Template
	Environment catalog.Environment
	// Project is the model that was linted.
	Project *compose.Project
	// Hardware is what stands for the environment's hardware: record.Real,
	// record.None or record.Claimed.
	Hardware string
}

func (r *Runner) reading() *semaphore.Weighted {
	r.decodingOnce.Do(func() { r.decoding = semaphore.NewWeighted(maxReading) })
	return r.decoding
}

// defaults are those of the engine, which is asked once for all runs.
func (r *Runner) defaults(ctx context.Context) (readback.Engine, error) {
	r.knownMutex.Lock()
	defer r.knownMutex.Unlock()
	if r.known == nil {
		known, err := readback.ReadEngine(ctx, r.Engine.API)
		if err != nil {
			return readback.Engine{}, err
		}
		r.known = &known
	}
	return *r.known, nil
}

// tidyLimit is how long removing a stack may take.
const tidyLimit = 2 * time.Minute

// Run runs one template in one environment. All that goes wrong is in the
// record.
func (r *Runner) Run(ctx context.Context, subject Subject) record.Record {
	started := time.Now()
	one := &run{Runner: r, Subject: subject, record: NewRecord(subject)}
	host := r.facts.Host()
	one.record.Started, one.record.Engine, one.record.Host = started.UTC().Truncate(time.Millisecond), r.Engine.Record(), &host
	one.do(ctx)
	one.record.Times.Total = seconds(time.Since(started))
	one.record.Status = one.status()
	return one.record
}

// NewRecord starts the record of a run.
func NewRecord(subject Subject) record.Record {
	r := record.Record{
		Template: subject.Template.Name, Version: subject.Template.Manifest.Version,
		Environment: subject.Environment.String(), Hardware: subject.Hardware,
	}
	if subject.Project != nil {
		// A model that JSON cannot hold does not get this far.
		r.Digest, _ = subject.Project.Digest()
	}
	return r
}

// status says what the run counts for. Only real hardware passes.
func (r *run) status() record.Status {
	switch {
	case len(r.record.Failures) > 0:
		return record.Failed
	case r.Hardware == record.Real:
		return record.Passed
	case r.Hardware == record.Claimed:
		return record.Pretended
	default:
		return record.Emulated
	}
}

func (r *run) say(format string, args ...any) { r.progress(Event{Text: fmt.Sprintf(format, args...)}) }

func (r *run) progress(event Event) {
	if r.Progress != nil {
		event.Template, event.Environment = r.Template.Name, r.Environment.String()
		r.Progress(event)
	}
}

// seconds rounds to what a report shows.
func seconds(d time.Duration) float64 { return d.Round(time.Millisecond).Seconds() }
