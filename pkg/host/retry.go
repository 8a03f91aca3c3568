package host

import (
	"context"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// Patience is how long a host is given. What is 0 has its default.
type Patience struct {
	// Tries is how often an upload is tried; 4.
	Tries uint
	// Pause is about how long the first pause between two tries is; 1 second. Each
	// is twice as long as the one before, up to Longest, and half of it is chance.
	Pause time.Duration
	// Longest is the longest pause, also where the host asks for a longer one; 30
	// seconds.
	Longest time.Duration
	// Visible is for how long a file may take to appear at its link after the
	// upload; 3 minutes. The last try begins within it.
	Visible time.Duration
}

// tries is how something is tried again.
type tries struct {
	pause, longest time.Duration
	most           uint          // 0 is no limit
	within         time.Duration // 0 is no limit
}

func (p Patience) uploads() tries {
	t := p.pauses()
	t.most = or(p.Tries, 4)
	return t
}

func (p Patience) proofs() tries {
	t := p.pauses()
	t.within = or(p.Visible, 3*time.Minute)
	return t
}

func (p Patience) pauses() tries {
	return tries{pause: or(p.Pause, time.Second), longest: or(p.Longest, 30*time.Second)}
}

func or[T uint | time.Duration](value, otherwise T) T {
	if value <= 0 {
		return otherwise
	}
	return value
}

// later is an error after which the host asks for a pause.
type later struct {
	error
	pause *backoff.RetryAfterError
}

func (l *later) Unwrap() []error { return []error{l.error, l.pause} }

// retry does something until it works, fails for good, or was tried enough. It
// returns the last error.
func retry[T any](ctx context.Context, t tries, do func() (T, error)) (T, error) {
	pauses := backoff.NewExponentialBackOff()
	pauses.InitialInterval, pauses.MaxInterval, pauses.Multiplier = t.pause, t.longest, 2
	var last error
	result, err := backoff.Retry(ctx, func() (T, error) {
		result, err := do()
		last = err
		var known *Error
		switch {
		case err == nil:
			return result, nil
		case !errors.As(err, &known) || !known.again:
			return result, backoff.Permanent(err)
		case known.after > 0:
			return result, &later{known, &backoff.RetryAfterError{Duration: min(known.after, t.longest)}}
		}
		return result, err
	}, backoff.WithBackOff(pauses), backoff.WithMaxTries(t.most), backoff.WithMaxElapsedTime(t.within))
	if err != nil {
		return result, last
	}
	return result, nil
}
