package chaintest

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ethereum/go-ethereum/rpc"
)

// answering is a node that answers each request with its method's name.
type answering struct{ had atomic.Int32 }

func (a *answering) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var raw json.RawMessage
	if err := json.NewDecoder(r.Body).Decode(&raw); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	one := func(c call) answer {
		a.had.Add(1)
		result, _ := json.Marshal(c.Method)
		return answer{Version: "2.0", ID: c.ID, Result: result}
	}
	w.Header().Set("Content-Type", "application/json")
	var calls []call
	if json.Unmarshal(raw, &calls) == nil {
		var all []answer
		for _, c := range calls {
			all = append(all, one(c))
		}
		_ = json.NewEncoder(w).Encode(all)
		return
	}
	var c call
	_ = json.Unmarshal(raw, &c)
	_ = json.NewEncoder(w).Encode(one(c))
}

func TestProxy(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault Fault
		// want is the result, or part of the error.
		want, err string
		// had is how many requests the node has had.
		had int32
	}{
		{"nothing", Fault{}, "m", "", 1},
		{"a status", Fault{Status: 503}, "", "503", 0},
		{"an error", Fault{Error: &Error{Code: -32000, Message: "no"}}, "", "no", 0},
		{"another result", Fault{Result: "x"}, "x", "", 0},
		{"a changed result", Fault{Change: func(json.RawMessage) any { return "y" }}, "y", "", 1},
		{"an error although it was done", Fault{Instead: &Error{Code: -32000, Message: "already known"}}, "", "already known", 1},
		{"a lost answer", Fault{Lost: true}, "", "EOF", 1},
		{"a lost request", Fault{Gone: true}, "", "EOF", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			var node answering
			server := httptest.NewServer(&node)
			defer server.Close()
			p := NewProxy(t, server.URL)
			p.Fail(func(r Request) Fault {
				if r.Method == "m" && r.Count == 1 {
					return c.fault
				}
				return Fault{}
			})
			client, err := rpc.Dial(p.URL)
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			var got string
			err = client.CallContext(t.Context(), &got, "m")
			if got != c.want || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("%q, %v", got, err)
			}
			if had := node.had.Load(); had != c.had {
				t.Errorf("the node has had %d requests", had)
			}
			if err := client.CallContext(t.Context(), &got, "m"); err != nil || got != "m" {
				t.Errorf("afterwards: %q, %v", got, err)
			}
			if p.Count("m") != 2 || p.Count("") != 2 {
				t.Errorf("%d of this method, and %d requests", p.Count("m"), p.Count(""))
			}
		})
	}
}

func TestProxyBatches(t *testing.T) {
	server := httptest.NewServer(new(answering))
	defer server.Close()
	p := NewProxy(t, server.URL)
	p.Batches(2, BatchRefusal{http.StatusRequestEntityTooLarge, "too many"})
	p.Fail(func(r Request) Fault {
		if r.Method == "second" {
			return Fault{Error: &Error{Code: -1, Message: "no"}}
		}
		return Fault{}
	})
	client, err := rpc.Dial(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	var first, second string
	batch := []rpc.BatchElem{{Method: "first", Result: &first}, {Method: "second", Result: &second}}
	if err := client.BatchCallContext(t.Context(), batch); err != nil || first != "first" || batch[1].Error == nil {
		t.Errorf("%v, %q, %v", err, first, batch[1].Error)
	}
	batch = append(batch, rpc.BatchElem{Method: "third", Result: new(string)})
	var status rpc.HTTPError
	if err := client.BatchCallContext(t.Context(), batch); !errors.As(err, &status) || status.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("three at once: %v", err)
	}
	if err := client.CallContext(t.Context(), &first, "eth_sendRawTransaction", "0x01"); err != nil {
		t.Error(err)
	}
	if sent := p.Sent(); len(sent) != 1 || sent[0] != "0x01" {
		t.Errorf("it was sent %v", sent)
	}
}
