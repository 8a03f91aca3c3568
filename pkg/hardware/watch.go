package hardware

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/moby/moby/client"
)

// interval is how often the memory of a GPU is looked at.
const interval = 500 * time.Millisecond

// Peak is the most memory that was in use, in bytes, on all GPUs of a request
// together, and how that compares to before the start.
type Peak struct {
	// Baseline was in use before the stack started.
	Baseline int64
	// Used is the most that was in use.
	Used int64
	// Samples is how often it was looked at.
	Samples int64
}

// Taken is what was taken since before the start, in bytes.
func (p Peak) Taken() int64 { return max(0, p.Used-p.Baseline) }

// Watch looks at the memory of GPUs until it is stopped.
type Watch struct {
	cancel context.CancelFunc
	done   chan struct{}

	mu   sync.Mutex
	peak Peak
	err  error
}

// Peak returns what was seen so far.
func (w *Watch) Peak() Peak {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.peak
}

// Stop ends the watch, waits until its container is gone, and returns what was
// seen. An error means that the watch ended early, so that the peak may be too low.
func (w *Watch) Stop() (Peak, error) {
	w.cancel()
	<-w.done
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.peak, w.err
}

func (w *Watch) saw(used int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.peak.Used = max(w.peak.Used, used)
	w.peak.Samples++
}

// start runs follow until it ends or the watch is stopped.
func start(ctx context.Context, baseline int64, follow func(context.Context, *Watch) error) *Watch {
	ctx, cancel := context.WithCancel(ctx)
	w := &Watch{cancel: cancel, done: make(chan struct{}), peak: Peak{Baseline: baseline}}
	go func() {
		defer close(w.done)
		defer cancel()
		err := follow(ctx, w)
		// Being stopped is no error.
		if ctx.Err() == nil || !errors.Is(err, context.Canceled) {
			w.mu.Lock()
			w.err = err
			w.mu.Unlock()
		}
	}()
	return w
}

// Watch starts a container that looks at the GPUs of the baseline every half
// second until the watch is stopped or the context ends.
func (p Probe) Watch(ctx context.Context, api client.APIClient, baseline []Reading) *Watch {
	var before int64
	now := map[string]int64{}
	for _, r := range baseline {
		before += r.Used
		now[r.UUID] = r.Used
	}
	return start(ctx, before, func(ctx context.Context, w *Watch) error {
		stdout := &samples{now: now, totals: totals(baseline), started: time.Now(), saw: w.saw}
		stderr := &bounded{max: maxRound}
		status, err := p.run(ctx, api, stdout, stderr, "--query-gpu=uuid,memory.used", "--format=csv,noheader,nounits",
			"-lms", fmt.Sprint(interval.Milliseconds()))
		if err == nil {
			err = fmt.Errorf("%w: nvidia-smi ended with status %d while the stack ran: %s", ErrUntold, status, cleanTo(string(stderr.data), maxMessage))
		}
		return err
	})
}

func totals(baseline []Reading) map[string]int64 {
	totals := map[string]int64{}
	for _, r := range baseline {
		totals[r.UUID] = r.Total
	}
	return totals
}

// samples reads lines "uuid, used" and reports the sum over all GPUs.
type samples struct {
	now, totals map[string]int64
	saw         func(used int64)
	started     time.Time
	bytes       int64
	line        []byte
}

// maxRate is far above what nvidia-smi prints for 64 GPUs, in bytes a second.
const maxRate = 64 << 10

func (s *samples) Write(p []byte) (int, error) {
	s.bytes += int64(len(p))
	if s.bytes > 1<<20+maxRate*int64(time.Since(s.started)/time.Second) {
		return 0, errTooMuch
	}
	s.line = append(s.line, p...)
	for {
		line, rest, ended := bytes.Cut(s.line, []byte("\n"))
		if !ended {
			break
		}
		s.line = rest
		if err := s.sample(string(line)); err != nil {
			return 0, err
		}
	}
	if len(s.line) > maxLine {
		return 0, lie("a line is longer than %d bytes", maxLine)
	}
	return len(p), nil
}

func (s *samples) sample(line string) error {
	values, err := parseLine(line, 2)
	if err != nil {
		return err
	}
	used, err := mebibytes(values[1])
	if err != nil {
		return err
	}
	total, known := s.totals[values[0]]
	if !known || used > total {
		return lie("the GPUs are others than before the start")
	}
	s.now[values[0]] = used
	var sum int64
	for _, n := range s.now {
		sum += n
	}
	s.saw(sum)
	return nil
}

var errNegative = errors.New("what is said to be in use is negative")

// WatchMemory looks every half second at what a function says is in use, in
// bytes, until the watch is stopped or the context ends: AMDMemoryUsed of the
// engine's host. A first value is taken at once, as the baseline: start it before
// the stack. An error means that there is no first value.
func WatchMemory(ctx context.Context, used func(context.Context) (int64, error)) (*Watch, error) {
	first, err := used(ctx)
	if err == nil && first < 0 {
		err = errNegative
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUntold, err)
	}
	return start(ctx, first, func(ctx context.Context, w *Watch) error {
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		for {
			n, err := used(ctx)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err == nil && n < 0 {
				err = errNegative
			}
			if err != nil {
				return fmt.Errorf("%w any more: %w", ErrUntold, err)
			}
			w.saw(n)
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-ticker.C:
			}
		}
	}), nil
}
