package smoke

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"syscall"
	"time"

	"golang.org/x/sync/semaphore"
)

const (
	// acceptLimit is how long a service may take to accept a task, and to
	// answer any other request.
	acceptLimit = 30 * time.Second
	// maxAnswer is how much of an answer is read, in bytes.
	maxAnswer = 1 << 20
	// lateLimit is how long a callback is waited for after its time is over,
	// to tell a late one from none.
	lateLimit = 10 * time.Second
	// deathLimit is how long the engine may take to tell that a container has
	// ended after its connections broke.
	deathLimit = 5 * time.Second
	// leaveTime is how long a service that ends with its last result takes for that.
	leaveTime = 200 * time.Millisecond
)

// provider plays the provider for one stack.
type provider struct {
	client   *http.Client
	base     string
	receiver *receiver
}

func newProvider(v vantage, port int, reading *semaphore.Weighted) *provider {
	return &provider{
		base:     fmt.Sprintf("http://127.0.0.1:%d", port),
		receiver: receive(v.Listener(), reading),
		client: &http.Client{
			Timeout: acceptLimit,
			Transport: &http.Transport{
				DialContext:            func(ctx context.Context, _, _ string) (net.Conn, error) { return v.Dial(ctx, port) },
				MaxResponseHeaderBytes: 64 << 10,
				DisableCompression:     true,
				// A service may close an idle connection just as the next task is
				// sent on it, and a task is not sent twice.
				DisableKeepAlives: true,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

func (p *provider) close() { p.receiver.close() }

// serving waits until the service answers GET /openapi.json.
func (p *provider) serving(ctx context.Context) error {
	var last *failure
	for wait := 20 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		status, err := p.get(ctx, "/openapi.json")
		switch {
		case err == nil && status == http.StatusOK:
			return nil
		case err == nil:
			last = fail(NotServing, "GET /openapi.json answers %d", status)
		case ctx.Err() == nil && nobodyListens(err):
			last = fail(NotListening, "nothing listens on the port that the stack publishes for 5555: %v", plain(err))
		case ctx.Err() == nil:
			last = fail(NotServing, "GET /openapi.json gets no answer: %v", plain(err))
		}
		select {
		case <-ctx.Done():
			if last == nil || !errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
				return context.Cause(ctx)
			}
			return last
		case <-time.After(wait):
		}
	}
}

// settle gives a service the time to end with its last result. When it does not
// serve any more, it gives the engine the time to tell of that, or to start the service again.
func (p *provider) settle(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(leaveTime):
		ctx, cancel := context.WithTimeout(ctx, deathLimit)
		defer cancel()
		_ = p.serving(ctx) // what became of the service, its containers tell
	}
}

// nobodyListens is true for a connection that is refused, or taken and dropped
// at once: Docker's proxy takes any connection before it finds nobody behind.
func nobodyListens(err error) bool {
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// plain drops the request from a client's error: its address is made up.
func plain(err error) error {
	var request *url.Error
	if errors.As(err, &request) {
		return request.Err
	}
	return err
}

func (p *provider) get(ctx context.Context, path string) (status int, err error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.base+path, nil)
	if err != nil {
		return 0, err
	}
	response, err := p.client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, io.LimitReader(response.Body, maxCallback))
	return response.StatusCode, err
}

// newTask gives a task an address, as the chain would.
func (p *provider) newTask(name string) *task { return p.receiver.expect(newAddress(), name) }

func newAddress() string {
	address := make([]byte, 20)
	_, _ = rand.Read(address)
	return "0x" + hex.EncodeToString(address)
}

// send sends a task and returns the status that it is answered with: 202 or
// 422. Any other answer is a failure.
func (p *provider) send(ctx context.Context, function string, t *task, input any) (status int, err error) {
	body, err := json.Marshal(input)
	if err != nil {
		return 0, fail(Harness, "the input cannot be written as JSON: %v", err)
	}
	path := "/run/" + url.PathEscape(function) + "/" + t.address
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.base+path, bytes.NewReader(body))
	if err != nil {
		return 0, fail(Harness, "the task cannot be sent: %v", err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := p.client.Do(request)
	if err != nil {
		return 0, broken(ctx, err, fail(TaskRefused, "POST /run/%s is not answered: %v", function, plain(err)))
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	switch {
	case err != nil:
		return 0, broken(ctx, err, fail(TaskAnswer, "the answer to POST /run/%s breaks off: %v", function, plain(err)))
	case response.StatusCode == http.StatusAccepted:
		return response.StatusCode, accepted(answer, t.address)
	case response.StatusCode == http.StatusUnprocessableEntity:
		return response.StatusCode, nil
	case response.StatusCode == http.StatusNotFound:
		return 0, fail(TaskUnknown, "POST /run/%s is answered 404: the service does not know the function (%s)", function, shorten(string(answer)))
	case response.StatusCode >= 500:
		return 0, fail(TaskError, "POST /run/%s is answered %d (%s)", function, response.StatusCode, shorten(string(answer)))
	default:
		return 0, fail(TaskAnswer, "POST /run/%s is answered %d in place of 202 (%s)", function, response.StatusCode, shorten(string(answer)))
	}
}

// broken is the failure of a request that ended with err. A container that ends
// breaks its connections before the engine tells of its end, which is then the
// cause, and comes as the context's.
func broken(ctx context.Context, err error, f *failure) error {
	if nobodyListens(err) {
		select {
		case <-ctx.Done():
		case <-time.After(deathLimit):
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return f
}

// accepted checks the body of a 202.
func accepted(body []byte, address string) error {
	var answer struct {
		Task   string `json:"task_address"`
		Status string `json:"status"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return fail(TaskAnswer, "the answer to the task is not JSON: %v (%s)", err, shorten(string(body)))
	}
	if answer.Task != address || answer.Status != "accepted" {
		return fail(TaskAnswer, "the answer to the task names the task %q with the status %q, not %q with \"accepted\"", shorten(answer.Task), shorten(answer.Status), address)
	}
	return nil
}

// result waits for the callback of a task until its time is over.
func (p *provider) result(ctx context.Context, t *task, sent time.Time, limit time.Duration) (any, error) {
	over := time.NewTimer(time.Until(sent.Add(limit)))
	defer over.Stop()
	select {
	case <-t.answered:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-over.C:
		select {
		case <-t.answered:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(lateLimit):
			return nil, fail(NoCallback, "no callback within %s, nor in the %s after that", limit, lateLimit)
		}
	}
	if t.problem != nil {
		return nil, t.problem
	}
	if took := t.at.Sub(sent); took > limit {
		return nil, fail(CallbackLate, "the callback took %s, longer than %s", took.Round(time.Millisecond), limit)
	}
	return t.value, nil
}
