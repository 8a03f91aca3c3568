package chain

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/ethereum/go-ethereum/rpc"
	"golang.org/x/sync/errgroup"
)

const (
	// maxBatch is how many calls go into one request. Nodes take 1000, public
	// endpoints often no more than 100.
	maxBatch = 100
	// maxParallel is how many requests are on their way at once.
	maxParallel = 8
	// maxRefusal is how much is kept of what an endpoint says with an error, in bytes.
	maxRefusal = 2000
	// patience is how long an endpoint that fails is asked again.
	patience = 30 * time.Second
	// firstPatience is how long one is that cannot be reached at all, and has not been
	// before: its address is likely to be wrong.
	firstPatience = 3 * time.Second
)

// Codes of JSON-RPC errors.
const (
	codeInvalid  = -32600 // the request is none
	codeInternal = -32603
	codeLimit    = -32005
)

// endpoint is a JSON-RPC endpoint that may fail for a while.
type endpoint struct {
	rpc  *rpc.Client
	host string
	// patience is how long requests that fail are repeated.
	patience time.Duration
	// most is how many calls the endpoint was found to take in one request; 0
	// while nothing is known.
	most atomic.Int64
	// reached is true once the endpoint has answered anything.
	reached atomic.Bool
}

// EndpointError is an endpoint that did not do what it was asked to.
type EndpointError struct {
	// Host is the endpoint's; its path may hold a secret.
	Host string
	Err  error
}

func (e *EndpointError) Error() string {
	return fmt.Sprintf("the RPC endpoint %s fails: %v", e.Host, e.Err)
}
func (e *EndpointError) Unwrap() error { return e.Err }

// refusal is an answer of the endpoint that says no. Its text is the endpoint's.
type refusal struct {
	code int
	text string
	data any
}

func (r *refusal) Error() string  { return r.text }
func (r *refusal) ErrorCode() int { return r.code }
func (r *refusal) ErrorData() any { return r.data }

// ask sends one request, and repeats it while the endpoint fails. A refusal is
// returned as it is, as a *refusal; anything else as an *EndpointError.
func (e *endpoint) ask(ctx context.Context, result any, method string, args ...any) error {
	return e.repeat(ctx, func() error { return e.rpc.CallContext(ctx, result, method, args...) })
}

// request is one request of a batch, and its answer.
type request struct {
	method string
	args   []any
	result json.RawMessage
	// refused is the endpoint's refusal of this request, and passed a failure that
	// may be over a moment later.
	refused *refusal
	passed  error
}

// askAll sends requests in batches, several at once. Those that are refused hold
// their refusal; the error is one of the endpoint.
func (e *endpoint) askAll(ctx context.Context, requests []*request) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(maxParallel)
	for from := 0; from < len(requests); from += maxBatch {
		part := requests[from:min(from+maxBatch, len(requests))]
		group.Go(func() error { return e.askParts(ctx, part) })
	}
	return group.Wait()
}

// askParts sends requests in batches as large as the endpoint takes them, one
// after another. What fails in passing is sent again for as long as the endpoint's
// patience lasts.
func (e *endpoint) askParts(ctx context.Context, requests []*request) error {
	over := time.Now().Add(e.patience)
	pause := newPause()
	for left := requests; len(left) > 0; {
		size := len(left)
		if most := int(e.most.Load()); most > 0 {
			size = min(size, most)
		}
		if size == 1 {
			if err := e.askOne(ctx, left[0]); err != nil {
				return err
			}
			left = left[1:]
			continue
		}
		again, tooMany, err := e.askBatch(ctx, left[:size])
		switch {
		case err != nil:
			return err
		case tooMany:
			e.most.Store(int64(size / 2))
		case len(again) > 0 && time.Now().After(over):
			return &EndpointError{e.host, plain(again[0].passed)}
		case len(again) > 0:
			if err := pause.wait(ctx); err != nil {
				return err
			}
		}
		left = slices.Concat(again, left[size:])
	}
	return nil
}

// askOne sends one request on its own.
func (e *endpoint) askOne(ctx context.Context, r *request) error {
	r.result, r.refused = nil, nil
	err := e.ask(ctx, &r.result, r.method, r.args...)
	var no *refusal
	if errors.As(err, &no) {
		r.refused = no
		return nil
	}
	return err
}

// askBatch sends requests as one. It returns those that have no answer yet, and
// whether they were too many for the endpoint.
func (e *endpoint) askBatch(ctx context.Context, requests []*request) (again []*request, tooMany bool, err error) {
	batch := make([]rpc.BatchElem, len(requests))
	for i, r := range requests {
		batch[i] = rpc.BatchElem{Method: r.method, Args: r.args, Result: &r.result}
	}
	err = e.repeat(ctx, func() error {
		for i, r := range requests {
			r.result, r.refused, r.passed, batch[i].Error = nil, nil, nil, nil
		}
		return e.rpc.BatchCallContext(ctx, batch)
	})
	switch {
	case tooMuch(err):
		return requests, true, nil
	case err != nil:
		return nil, false, err
	}
	// The answer to a batch that is too large may be one error in place of many.
	missing := slices.ContainsFunc(batch, func(b rpc.BatchElem) bool { return errors.Is(b.Error, rpc.ErrMissingBatchResponse) })
	for i, r := range requests {
		element := batch[i].Error
		no := asRefusal(element)
		switch {
		case element == nil:
		case no == nil, passing(element), no.code == codeInvalid, missing && !reverted(no):
			r.passed = element
			again = append(again, r)
			tooMany = tooMany || missing || no != nil && no.code == codeInvalid
		default:
			r.refused = no
		}
	}
	return again, tooMany, nil
}

// tooMuch is true for an answer that says that less must be asked for at once.
func tooMuch(err error) bool {
	var status *statusError
	var form *json.UnmarshalTypeError
	if errors.As(err, &status) {
		return slices.Contains([]int{http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity}, status.status)
	}
	// One object in place of a list is one error for all.
	return err != nil && asRefusal(err) != nil || errors.Is(err, errTooLarge) || errors.As(err, &form)
}

// repeat does something until it does not fail in passing.
func (e *endpoint) repeat(ctx context.Context, do func() error) error {
	var last error // of those that pass
	begin := time.Now()
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval, pause.MaxInterval = 50*time.Millisecond, 3*time.Second
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		err := do()
		if err == nil || !passing(err) {
			last = nil
			e.reached.Store(true)
			if err != nil {
				err = backoff.Permanent(err)
			}
			return struct{}{}, err
		}
		last = err
		if !unreachable(err) {
			e.reached.Store(true)
		} else if !e.reached.Load() && time.Since(begin) > firstPatience {
			err = backoff.Permanent(err)
		}
		return struct{}{}, err
	}, backoff.WithBackOff(pause), backoff.WithMaxElapsedTime(e.patience))
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case last != nil:
		return &EndpointError{e.host, plain(last)}
	}
	if no := asRefusal(err); no != nil {
		return no
	}
	return &EndpointError{e.host, plain(err)}
}

// unreachable is true where no connection came about.
func unreachable(err error) bool {
	var operation *net.OpError
	return errors.As(err, &operation) && operation.Op == "dial"
}

// passing is true for failures that may be over a moment later: of the network,
// of a server that is overloaded, and of one of several nodes behind one name
// that has not seen the block yet.
func passing(err error) bool {
	var status rpc.HTTPError
	if errors.As(err, &status) {
		return status.StatusCode >= 500 || status.StatusCode == http.StatusTooManyRequests || status.StatusCode == http.StatusRequestTimeout
	}
	if no := asRefusal(err); no != nil {
		text := strings.ToLower(no.text)
		if reverted(no) {
			return false // the contract's own words
		}
		for _, sign := range []string{"block range", "more than", "too many results", "response size"} {
			if strings.Contains(text, sign) {
				return false // too much at once, now and later
			}
		}
		for _, sign := range []string{"header not found", "header for hash not found", "block not found", "unknown block", "indexing is in progress", "rate limit", "too many requests", "timeout", "timed out", "try again", "temporarily", "internal error"} {
			if strings.Contains(text, sign) {
				return true
			}
		}
		return no.code == codeLimit || no.code == codeInternal
	}
	var syntax *json.SyntaxError
	var network net.Error
	switch {
	case errors.Is(err, errTooLarge), errors.Is(err, context.Canceled):
		return false
	case errors.As(err, &syntax), errors.As(err, &network), errors.Is(err, rpc.ErrNoResult):
		return true
	}
	var request *url.Error
	return errors.As(err, &request) || strings.Contains(err.Error(), "EOF")
}

// asRefusal is the endpoint's own error in err, or nil.
func asRefusal(err error) *refusal {
	var mine *refusal
	if errors.As(err, &mine) {
		return mine
	}
	var theirs rpc.Error
	if !errors.As(err, &theirs) {
		return nil
	}
	no := &refusal{code: theirs.ErrorCode(), text: within(maxRefusal, theirs.Error())}
	var data rpc.DataError
	if errors.As(err, &data) {
		no.data = data.ErrorData()
	}
	return no
}

// plain drops the URL from an error: its path may hold a secret.
func plain(err error) error {
	var request *url.Error
	if errors.As(err, &request) {
		return request.Err
	}
	var status rpc.HTTPError
	if errors.As(err, &status) {
		return &statusError{status.StatusCode, status.Body}
	}
	return err
}

// statusError is an HTTP status that is no success.
type statusError struct {
	status int
	body   []byte
}

func (e *statusError) Error() string { return fmt.Sprintf("it answers %d: %.200q", e.status, e.body) }
