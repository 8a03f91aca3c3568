package lint

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/opengpu-network/templates/pkg/document"
	"github.com/opengpu-network/templates/pkg/finding"
)

// patience is how long reading and judging one compose file, or one manifest, may
// take. Within the limits on a file it takes less than two seconds.
const patience = 20 * time.Second

// errLate says that a step took longer than it may.
var errLate = errors.New("takes too long")

// within runs a step until it is done, its time is over, or the run ends. The
// libraries that read and judge do not all stop when they are told to. So the step is
// left behind then, and what comes of it is dropped; it must write to nothing that
// others use. It ends by itself, since what it works on is bounded.
func within[T any](ctx context.Context, patience time.Duration, step func(ctx context.Context) (T, error)) (T, error) {
	type outcome struct {
		value T
		err   error
	}
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	done := make(chan outcome, 1)
	go func() {
		value, err := step(limited)
		done <- outcome{value, err}
	}()
	var got outcome
	select {
	case got = <-done:
	case <-limited.Done():
		got.err = limited.Err()
	}
	if err := ctx.Err(); err != nil {
		return *new(T), err
	}
	if got.err != nil && limited.Err() != nil {
		return *new(T), errLate
	}
	return got.value, got.err
}

// patience is how long one file may take.
func (l *Linter) patience() time.Duration {
	if l.Patience > 0 {
		return l.Patience
	}
	return patience
}

// late is the finding about a file that took too long. It is an error: no rule has
// said anything about the file.
func (l *Linter) late(file string) []finding.Finding {
	return l.known([]finding.Finding{{
		Rule: document.RuleLimits, Position: finding.Position{File: file, Line: 1, Column: 1},
		Message: fmt.Sprintf("took more than %s to read and judge: no rule has been asked about it to the end", l.patience()),
	}})
}

// Failure says that policies failed while they ran. What they were asked about is not
// judged, and no pass; all else is.
type Failure struct{ Errs []error }

func (f *Failure) Error() string { return errors.Join(f.Errs...).Error() }

// Unwrap returns what failed.
func (f *Failure) Unwrap() []error { return f.Errs }
