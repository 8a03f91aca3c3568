package smoke

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/netutil"
	"golang.org/x/sync/semaphore"
)

// Limits on what stacks may send.
const (
	// maxCallback is how large a result may be, in bytes.
	maxCallback = 16 << 20
	// maxConnections is how many connections of one stack are open at a time,
	// and maxReading how many results are decoded at a time, of all stacks.
	maxConnections, maxReading = 16, 2
	// maxValues is how many values a result may hold: each takes a hundred times
	// as much memory as it takes bytes.
	maxValues = 2_000_000
	// maxStrays is how many callbacks that nobody asked for are remembered.
	maxStrays = 10
)

// receiver is the provider's callback receiver for one stack.
type receiver struct {
	server *http.Server
	life   context.Context
	end    context.CancelFunc
	// reading bounds how many results are decoded at a time. All stacks share it.
	reading *semaphore.Weighted

	mu     sync.Mutex
	tasks  map[string]*task
	sent   []string // their addresses, in order
	strays []*failure
}

// task is one task that was sent, or is about to be.
type task struct {
	address string
	name    string // of the case
	// answered is closed when the first callback is there.
	answered chan struct{}
	// value and problem are what came, at the time at.
	value   any
	problem *failure
	at      time.Time
	// times is how often a callback came.
	times int
	// refused is true when the service has refused the task.
	refused bool
}

// receive serves callbacks until it is closed.
func receive(listener net.Listener, reading *semaphore.Weighted) *receiver {
	r := &receiver{tasks: map[string]*task{}, reading: reading}
	r.life, r.end = context.WithCancel(context.Background())
	mux := http.NewServeMux()
	mux.HandleFunc("POST /{task}", r.callback)
	mux.HandleFunc("POST /", func(w http.ResponseWriter, req *http.Request) {
		r.stray("a callback came to %s, which is no task's address", shorten(req.URL.Path))
		http.NotFound(w, req)
	})
	r.server = &http.Server{
		Handler: mux, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: time.Minute,
		MaxHeaderBytes: 16 << 10, ErrorLog: log.New(io.Discard, "", 0),
	}
	go func() { _ = r.server.Serve(netutil.LimitListener(listener, maxConnections)) }()
	return r
}

func (r *receiver) close() {
	r.end()
	_ = r.server.Close()
}

// expect announces a task, so that its callback is known.
func (r *receiver) expect(address, name string) *task {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := &task{address: address, name: name, answered: make(chan struct{})}
	r.tasks[address] = t
	r.sent = append(r.sent, address)
	return t
}

func (r *receiver) callback(w http.ResponseWriter, req *http.Request) {
	address := req.PathValue("task")
	if r.lookup(address) == nil {
		r.stray("a callback came for the task %s, which was never sent", shorten(address))
		http.NotFound(w, req)
		return
	}
	body, problem := readBody(http.MaxBytesReader(w, req.Body, maxCallback))
	if r.count(address) > 1 {
		w.WriteHeader(http.StatusOK)
		return
	}
	var value any
	if problem == nil {
		// Not the request's context: a client that does not wait has sent its result.
		if err := r.reading.Acquire(r.life, 1); err != nil {
			return
		}
		value, problem = decodeResult(body)
		r.reading.Release(1)
	}
	r.answer(address, value, problem)
	if problem != nil {
		http.Error(w, problem.Message, http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusOK)
}

// readBody reads a callback's body.
func readBody(body io.Reader) ([]byte, *failure) {
	data, err := io.ReadAll(body)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, fail(CallbackTooLarge, "the callback is larger than %d MiB", maxCallback>>20)
	case err != nil:
		return nil, fail(CallbackBroken, "the callback broke off after %d bytes: %v", len(data), err)
	}
	return data, nil
}

// decodeResult reads one JSON value and nothing else.
func decodeResult(data []byte) (any, *failure) {
	if values(data) > maxValues {
		return nil, fail(CallbackTooLarge, "the callback holds more than %d values", maxValues)
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var value any
	err := decoder.Decode(&value)
	if err == nil {
		if _, trailing := decoder.Token(); trailing != io.EOF {
			err = errors.New("something follows the value")
		}
	}
	if err != nil {
		return nil, fail(CallbackBroken, "the callback's body is not JSON: %v (%s)", err, shorten(string(data[:min(len(data), 1000)])))
	}
	return value, nil
}

// values is about how many values JSON text holds: it counts what stands between
// them, outside of strings.
func values(data []byte) (count int) {
	inString := false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case c == '"':
			inString = !inString
		case inString && c == '\\':
			i++
		case !inString && (c == ',' || c == '[' || c == '{'):
			count++
		}
	}
	return count
}

// count notes that a callback came for a task, and says how many that makes.
func (r *receiver) count(address string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tasks[address].times++
	return r.tasks[address].times
}

func (r *receiver) lookup(address string) *task {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.tasks[address]
}

func (r *receiver) answer(address string, value any, problem *failure) {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := r.tasks[address]
	t.value, t.problem, t.at = value, problem, time.Now()
	close(t.answered)
}

func (r *receiver) stray(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.strays) < maxStrays {
		r.strays = append(r.strays, fail(CallbackStray, format, args...))
	}
}

// refuse notes that no callback must come for a task.
func (r *receiver) refuse(t *task) {
	r.mu.Lock()
	defer r.mu.Unlock()
	t.refused = true
}

// unasked are the callbacks that nobody asked for, up to now: for unknown
// tasks, and more than one for a task.
func (r *receiver) unasked() []*failure {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := append([]*failure(nil), r.strays...)
	for _, address := range r.sent {
		switch t := r.tasks[address]; {
		case t.refused && t.times > 0:
			all = append(all, fail(CallbackUnexpected, "a callback came for a task that was refused").inCase(t.name))
		case t.times > 1:
			all = append(all, fail(CallbackTwice, "the callback for one task came %d times", t.times).inCase(t.name))
		}
	}
	return all
}

// shorten makes a stranger's text fit into a message.
func shorten(text string) string {
	const most = 80
	text = strings.ToValidUTF8(strings.Join(strings.Fields(text), " "), "\uFFFD")
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
