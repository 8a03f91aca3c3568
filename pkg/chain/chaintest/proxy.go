package chaintest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Request is one JSON-RPC request as it passes a Proxy.
type Request struct {
	Method string
	Params json.RawMessage
	// Count is how many requests of this method have come, this one included.
	Count int
}

// Fault is what a Proxy does with a request; the zero value passes it on.
type Fault struct {
	// Delay is waited for before anything else.
	Delay time.Duration
	// Status is an HTTP status that is answered in place of the node.
	Status int
	// Error is a JSON-RPC error that is answered in place of the node.
	Error *Error
	// Result is a result that is answered in place of the node's.
	Result any
	// Change changes the node's result.
	Change func(result json.RawMessage) any
	// Instead is a JSON-RPC error that is answered although the node has had the
	// request.
	Instead *Error
	// Lost closes the connection in place of the answer; the node has had the
	// request.
	Lost bool
	// Gone closes the connection before the node has had the request.
	Gone bool
}

// Error is a JSON-RPC error.
type Error struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	Data    any    `json:"data,omitempty"`
}

// Proxy stands before a node and misbehaves as it is told to.
type Proxy struct {
	URL string

	mu     sync.Mutex
	node   string
	counts map[string]int
	fault  func(Request) Fault
	// latency is added to each request.
	latency  time.Duration
	requests int
	// refusal is the answer to batches of more than most requests.
	most    int
	refusal BatchRefusal
	sent    []string
}

// BatchRefusal is how an endpoint refuses batches that are too large for it.
type BatchRefusal struct {
	// Status is the HTTP status, and Body what is answered.
	Status int
	Body   string
}

// NewProxy starts a proxy before the node at the URL.
func NewProxy(t testing.TB, node string) *Proxy {
	p := &Proxy{node: node, counts: map[string]int{}}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	p.URL = server.URL
	return p
}

// Fail sets what happens to requests from now on; nil passes all on.
func (p *Proxy) Fail(fault func(Request) Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault, p.counts = fault, map[string]int{}
}

// Latency sets what is added to each request, a batch counted as one.
func (p *Proxy) Latency(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.latency = d
}

// Batches sets how many requests a batch may have, and what is answered to larger
// ones. With 0 there is no limit.
func (p *Proxy) Batches(most int, refusal BatchRefusal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.most, p.refusal = most, refusal
}

// Sent are the signed transactions that came, in hex, each as often as it came.
func (p *Proxy) Sent() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.sent)
}

// Node sets another node.
func (p *Proxy) Node(url string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.node = url
}

// Count is how many requests of a method have come since Fail; with "" it is
// how many HTTP requests have come since the start.
func (p *Proxy) Count(method string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if method == "" {
		return p.requests
	}
	return p.counts[method]
}

type call struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Method  string          `json:"method"`
	Params  json.RawMessage `json:"params,omitempty"`
}

type answer struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   *Error          `json:"error,omitempty"`
}

// ServeHTTP passes requests on, one by one, also those of a batch that some fault
// is meant for.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 64<<20))
	if err != nil {
		return
	}
	p.mu.Lock()
	p.requests++
	latency := p.latency
	p.mu.Unlock()
	time.Sleep(latency)
	var calls []call
	batch := bytes.HasPrefix(bytes.TrimSpace(body), []byte("["))
	if batch {
		err = json.Unmarshal(body, &calls)
	} else {
		calls = make([]call, 1)
		err = json.Unmarshal(body, &calls[0])
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if p.refuses(w, len(calls)) {
		return
	}
	faults := make([]Fault, len(calls))
	harmless := true
	for i, c := range calls {
		faults[i] = p.ask(c)
		time.Sleep(faults[i].Delay)
		switch f := faults[i]; {
		case f.Gone:
			panic(http.ErrAbortHandler)
		case f.Status != 0:
			http.Error(w, "the endpoint is not well", f.Status)
			return
		}
		harmless = harmless && !faults[i].acts()
	}
	if harmless {
		p.pass(w, body)
		return
	}
	var answers []answer
	for i, c := range calls {
		answers = append(answers, p.answer(c, faults[i]))
	}
	for _, f := range faults {
		if f.Lost {
			panic(http.ErrAbortHandler)
		}
	}
	w.Header().Set("Content-Type", "application/json")
	if batch {
		_ = json.NewEncoder(w).Encode(answers)
	} else {
		_ = json.NewEncoder(w).Encode(answers[0])
	}
}

// refuses answers a batch that is too large.
func (p *Proxy) refuses(w http.ResponseWriter, size int) bool {
	p.mu.Lock()
	most, refusal := p.most, p.refusal
	p.mu.Unlock()
	if most == 0 || size <= most {
		return false
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(refusal.Status)
	_, _ = io.WriteString(w, refusal.Body)
	return true
}

// acts is true for a fault that needs the answer of this one request.
func (f Fault) acts() bool {
	return f.Error != nil || f.Result != nil || f.Change != nil || f.Instead != nil || f.Lost
}

func (p *Proxy) ask(c call) Fault {
	p.mu.Lock()
	p.counts[c.Method]++
	if c.Method == "eth_sendRawTransaction" {
		var params []string
		if json.Unmarshal(c.Params, &params) == nil && len(params) > 0 {
			p.sent = append(p.sent, params[0])
		}
	}
	fault, request := p.fault, Request{c.Method, c.Params, p.counts[c.Method]}
	p.mu.Unlock()
	if fault == nil {
		return Fault{}
	}
	return fault(request)
}

func (p *Proxy) answer(c call, f Fault) answer {
	a := answer{Version: "2.0", ID: c.ID}
	if f.Error != nil {
		a.Error = f.Error
		return a
	}
	if f.Result != nil {
		a.Result, _ = json.Marshal(f.Result)
		return a
	}
	body, _ := json.Marshal(c)
	response, err := p.post(body)
	if err != nil {
		a.Error = &Error{-32000, err.Error(), nil}
		return a
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&a); err != nil {
		a.Error = &Error{-32000, err.Error(), nil}
	}
	switch {
	case f.Instead != nil:
		a.Result, a.Error = nil, f.Instead
	case f.Change != nil && a.Error == nil:
		a.Result, _ = json.Marshal(f.Change(a.Result))
	}
	return a
}

func (p *Proxy) pass(w http.ResponseWriter, body []byte) {
	response, err := p.post(body)
	if err != nil {
		panic(http.ErrAbortHandler) // as if the node itself were not there
	}
	defer response.Body.Close()
	w.Header().Set("Content-Type", response.Header.Get("Content-Type"))
	w.WriteHeader(response.StatusCode)
	_, _ = io.Copy(w, response.Body)
}

func (p *Proxy) post(body []byte) (*http.Response, error) {
	p.mu.Lock()
	node := p.node
	p.mu.Unlock()
	return http.Post(node, "application/json", strings.NewReader(string(body)))
}
