package chain_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/opengpu-network/templates/pkg/chain"
	"github.com/opengpu-network/templates/pkg/chain/chaintest"
	"github.com/opengpu-network/templates/pkg/devnet"
)

type (
	request = chaintest.Request
	fault   = chaintest.Fault
)

// The methods that bringing a version to the chain takes.
var methods = []string{
	"eth_chainId", "eth_getBlockByNumber", "eth_getCode", "eth_getTransactionCount", "eth_call", "eth_estimateGas",
	"eth_maxPriorityFeePerGas", "eth_getBalance", "eth_sendRawTransaction", "eth_getTransactionReceipt",
}

const sendRaw, receipt = "eth_sendRawTransaction", "eth_getTransactionReceipt"

func rpcError(code int, text string) fault {
	return fault{Error: &chaintest.Error{Code: code, Message: text}}
}

// first is a fault of the first requests of a method.
func first(n int, method string, f fault) func(request) fault {
	return func(r request) fault {
		if r.Method == method && r.Count <= n {
			return f
		}
		return fault{}
	}
}

// always is a fault of all requests of a method.
func always(method string, f fault) func(request) fault { return first(1<<30, method, f) }

type faultCase struct {
	name string
	fail func(request) fault
	// want are parts of the error of the run with the fault, any of them; none
	// when it must succeed.
	want []string
}

// failing are errors of a run that could not go on.
var failing = []string{"RPC endpoint", "not final yet"}

func faultCases() (all []faultCase) {
	add := func(name string, fail func(request) fault, want ...string) {
		all = append(all, faultCase{name, fail, want})
	}
	for _, m := range methods {
		add(m+" answers 500 twice", first(2, m, fault{Status: 500}))
		add(m+" answers 429 twice", first(2, m, fault{Status: 429}))
		add(m+" is an internal error twice", first(2, m, rpcError(-32603, "an error of the server")))
		add(m+" answers text", first(1, m, fault{Status: 200}))
		add(m+" loses the answer", first(1, m, fault{Lost: true}))
		add(m+" loses the request", first(1, m, fault{Gone: true}))
		add(m+" is slow", first(2, m, fault{Delay: 200 * time.Millisecond}))
		add(m+" always answers 500", always(m, fault{Status: 500}), failing...)
		if m != "eth_maxPriorityFeePerGas" { // which an endpoint need not have
			add(m+" always is an internal error", always(m, rpcError(-32603, "an error of the server")), failing...)
		}
	}
	for _, text := range []string{"already known", "AlreadyKnown", "nonce too low", "known transaction: 1", "replacement transaction underpriced", "insufficient funds for gas * price + value", "the node is tired"} {
		answered := &chaintest.Error{Code: -32000, Message: text}
		if !strings.Contains(text, "insufficient funds") { // which is taken for an error, and the next run finds the source
			add("sent, and answered: "+text, always(sendRaw, fault{Instead: answered}))
		} else {
			add("sent, and answered: "+text, always(sendRaw, fault{Instead: answered}), "cannot pay for it")
		}
	}
	for _, text := range []string{
		"txpool is full", "max fee per gas less than block base fee: address 0x00, maxFeePerGas: 1, baseFee: 2", "transaction underpriced",
		"replacement transaction underpriced", "already known", "nonce too low", "too many requests", "the node is tired",
	} {
		add("refused once: "+text, first(1, sendRaw, rpcError(-32000, text)))
	}
	add("refused for good: txpool is full", always(sendRaw, rpcError(-32000, "txpool is full")), "txpool is full")
	add("refused for good: replacement transaction underpriced", always(sendRaw, rpcError(-32000, "replacement transaction underpriced")), "another transaction of the account")
	add("refused for good: exceeds block gas limit", always(sendRaw, rpcError(-32000, "exceeds block gas limit")), "refuses the transaction")
	add("refused for good: invalid sender", always(sendRaw, rpcError(-32000, "invalid sender")), "refuses the transaction")
	null := fault{Result: json.RawMessage("null")}
	add("the receipt is late", first(5, receipt, null))
	add("the receipt never comes", always(receipt, null))
	add("the receipt is of another transaction", always(receipt, fault{Change: func(got json.RawMessage) any {
		var r map[string]any
		_ = json.Unmarshal(got, &r)
		if r != nil {
			r["transactionHash"] = common.Hash{1}
		}
		return r
	}}), "another transaction")
	add("the receipt names a block that is not in the chain", always(receipt, fault{Change: func(got json.RawMessage) any {
		var r map[string]any
		_ = json.Unmarshal(got, &r)
		if r != nil {
			r["blockHash"] = common.Hash{1}
		}
		return r
	}}), "not final yet")
	add("another chain", always("eth_chainId", fault{Result: "0x42f"}), "serves the chain 1071")
	add("no Nexus", always("eth_getCode", fault{Result: "0x"}), "no Nexus contract")
	add("blocks by number only", func(r request) fault {
		if strings.Contains(string(r.Params), "blockHash") {
			return rpcError(-32602, "invalid argument 1: json: cannot unmarshal object into Go value of type string")
		}
		return fault{}
	})
	add("a node that lags behind the others", func(r request) fault {
		if strings.Contains(string(r.Params), "blockHash") && r.Count%2 == 1 && r.Count < 8 {
			return rpcError(-32000, "header for hash not found")
		}
		return fault{}
	})
	add("a tip is not known", always("eth_maxPriorityFeePerGas", rpcError(-32601, "the method does not exist")))
	return all
}

// TestOnceDespiteFaults brings two versions to the chain, each in a run with a
// fault of the endpoint and another run without it.
func TestOnceDespiteFaults(t *testing.T) {
	for _, c := range faultCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			testFault(t, devnet.Options{}, c, 2)
		})
	}
}

// TestOnceOnLegacyChain is the same on a chain from before EIP-1559.
func TestOnceOnLegacyChain(t *testing.T) {
	for _, c := range faultCases() {
		if strings.HasPrefix(c.name, "eth_maxPriority") {
			continue // is not asked for there
		}
		if !strings.Contains(c.name, sendRaw) && !strings.Contains(c.name, "refused") && !strings.Contains(c.name, "receipt") {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			testFault(t, devnet.Options{Legacy: true}, c, 1)
		})
	}
	for _, c := range []faultCase{
		{"the price answers 500 twice", first(2, "eth_gasPrice", fault{Status: 500}), nil},
		{"the price is an internal error", always("eth_gasPrice", rpcError(-32603, "an error of the server")), failing},
		{"the price is absurd", always("eth_gasPrice", fault{Result: "0x" + strings.Repeat("f", 64)}), []string{"--max-cost"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			testFault(t, devnet.Options{Legacy: true}, c, 1)
		})
	}
}

func testFault(t *testing.T, options devnet.Options, c faultCase, versions int) {
	p := newPlace(t, options)
	for version := 1; version <= versions; version++ {
		kept := &memory{}
		s := sending{memory: kept}
		if c.want != nil {
			s.patience, s.asking = time.Second, 500*time.Millisecond
		}
		p.proxy.Fail(c.fail)
		sent, err := p.once(s, version)
		switch {
		case c.want == nil && err != nil:
			t.Fatalf("version %d: %v", version, err)
		case c.want != nil && err == nil:
			t.Fatalf("version %d: it succeeds: %v", version, sent)
		case c.want != nil && !containsAny(err.Error(), c.want):
			t.Errorf("version %d: the error is %v", version, err)
		}
		p.proxy.Fail(nil)
		if _, err := p.once(sending{memory: kept}, version); err != nil {
			t.Fatalf("version %d, without the fault: %v", version, err)
		}
		p.wantOnce(version)
	}
}

func containsAny(text string, parts []string) bool {
	for _, part := range parts {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

// TestGarbage answers each method with what is no answer. Nothing may break, and
// nothing be done twice.
func TestGarbage(t *testing.T) {
	values := map[string]any{
		"null": json.RawMessage("null"), "empty": "", "no digits": "0x", "negative": "-0x1", "also negative": "0x-1",
		"a number": -1, "huge": "0x" + strings.Repeat("f", 64), "too huge": "0x" + strings.Repeat("f", 100),
		"64 bits": "0xffffffffffffffff", "an object": map[string]any{}, "a list": []any{}, "text": "hello", "true": true,
		"an object of nothing":     map[string]any{"number": nil, "hash": nil, "blockNumber": nil, "transactionHash": nil},
		"an object of huge things": map[string]any{"number": "0xffffffffffffffff", "hash": common.Hash{1}, "timestamp": "0xffffffffffffffff", "baseFeePerGas": "0x" + strings.Repeat("f", 64), "gasLimit": "0x0"},
	}
	for _, m := range methods {
		t.Run(m, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, devnet.Options{})
			kept := &memory{}
			for name, value := range values {
				p.proxy.Fail(always(m, fault{Result: value}))
				_, err := p.once(sending{memory: kept, patience: time.Second, asking: 300 * time.Millisecond}, 1)
				t.Logf("%s: %v", name, err)
			}
			p.proxy.Fail(nil)
			if _, err := p.once(sending{memory: kept}, 1); err != nil {
				t.Fatal(err)
			}
			p.wantOnce(1)
		})
	}
}

func TestTooLargeAnswer(t *testing.T) {
	p := newPlace(t, devnet.Options{})
	p.proxy.Fail(always("eth_getBlockByNumber", fault{Result: strings.Repeat("x", 33<<20)}))
	_, err := p.once(sending{asking: time.Second}, 1)
	if err == nil || !strings.Contains(err.Error(), "larger than 32 MiB") {
		t.Errorf("%v", err)
	}
	p.wantOnce(0)
}

// TestStale has an endpoint whose nodes are behind.
func TestStale(t *testing.T) {
	for _, c := range []struct {
		name, method string
		times        int
		want         []string
	}{
		{"the nonce, once", "eth_getTransactionCount", 1, nil},
		{"the nonce, always", "eth_getTransactionCount", 1 << 30, []string{"not final yet"}},
		{"the head, for a while", "eth_getBlockByNumber", 4, nil},
		{"the head, always", "eth_getBlockByNumber", 1 << 30, []string{"not final yet"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, devnet.Options{})
			for version := uint64(1); version <= 2; version++ {
				// What the endpoint says of the time before this transaction.
				var block json.RawMessage
				if err := p.direct.Client().Call(&block, "eth_getBlockByNumber", "latest", false); err != nil {
					t.Fatal(err)
				}
				nonce := 2 * (version - 1)
				tx := p.unrelated(nonce, 1e10)
				p.submit(tx)
				p.waitFor(tx.Hash())
				var stale any = hexNumber(nonce)
				if c.method == "eth_getBlockByNumber" {
					stale = block
				}
				p.proxy.Fail(func(r request) fault {
					if r.Method == c.method && r.Count <= c.times && (c.method != "eth_getBlockByNumber" || strings.Contains(string(r.Params), "latest")) {
						return fault{Result: stale}
					}
					return fault{}
				})
				kept := &memory{}
				s := sending{memory: kept}
				if c.want != nil {
					s.patience, s.asking = time.Second, 500*time.Millisecond
				}
				if _, err := p.once(s, int(version)); (err == nil) != (c.want == nil) || err != nil && !containsAny(err.Error(), c.want) {
					t.Errorf("version %d: %v", version, err)
				}
				p.proxy.Fail(nil)
				if _, err := p.once(sending{memory: kept}, int(version)); err != nil {
					t.Fatal(err)
				}
				p.wantOnce(int(version))
			}
		})
	}
}

func hexNumber(n uint64) string {
	return "0x" + strings.TrimLeft(common.Bytes2Hex([]byte{byte(n)}), "0") + zero(n)
}

func zero(n uint64) string {
	if n == 0 {
		return "0"
	}
	return ""
}

func TestBatchLimits(t *testing.T) {
	one := `{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"batch limit exceeded"}}`
	for name, refusal := range map[string]chaintest.BatchRefusal{
		"a list with one error":        {Status: http.StatusOK, Body: "[" + one + "]"},
		"an error in place of a list":  {Status: http.StatusOK, Body: one},
		"a request that is too large":  {Status: http.StatusRequestEntityTooLarge, Body: "too large"},
		"a bad request":                {Status: http.StatusBadRequest, Body: one},
		"an empty list":                {Status: http.StatusOK, Body: "[]"},
		"a list with another's answer": {Status: http.StatusOK, Body: `[{"jsonrpc":"2.0","id":"x","result":"0x"}]`},
	} {
		for _, most := range []int{1, 10} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				p := newPlace(t, devnet.Options{})
				client := p.client()
				p.publishMany(30)
				p.proxy.Batches(most, refusal)
				at, err := client.Head(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				before := p.proxy.Count("")
				sources, err := client.SourcesOf(t.Context(), devnet.Account, at)
				if err != nil || len(sources) != 30 {
					t.Fatalf("%d sources, %v", len(sources), err)
				}
				// 30 addresses, and 6 questions to each: as few as can be, and those that
				// taught the limit.
				if asked, bound := p.proxy.Count("")-before, 3+210/(most/2+1)+40; asked > bound {
					t.Errorf("%d requests, and no more than %d were expected", asked, bound)
				}
			})
		}
	}
}

// client is a client through the proxy.
func (p *place) client() *chain.Client {
	p.t.Helper()
	c, err := chain.Dial(p.t.Context(), network(), p.proxy.URL, chain.Options{})
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(c.Close)
	return c
}

func TestPoorAccount(t *testing.T) {
	p := newPlace(t, devnet.Options{})
	key, account := newKey(t)
	_, err := p.once(sending{key: key}, 1)
	var poor *chain.PoorError
	if !errors.As(err, &poor) || poor.Account != account || poor.Balance.Sign() != 0 || poor.Cost.Sign() <= 0 {
		t.Errorf("%v", err)
	}
	if len(p.proxy.Sent()) > 0 {
		t.Error("it was sent")
	}
}

func TestRefusedInTheEstimate(t *testing.T) {
	p := newPlace(t, devnet.Options{})
	if _, err := p.node.Refuse(t.Context(), "InsufficientLockup"); err != nil {
		t.Fatal(err)
	}
	_, err := p.once(sending{}, 1)
	var refused *chain.RevertError
	if !errors.As(err, &refused) || refused.Reason != "InsufficientLockup" || !strings.Contains(refused.Advice, "lock more") {
		t.Errorf("%v", err)
	}
	if len(p.proxy.Sent()) > 0 {
		t.Error("it was sent")
	}
	if _, err := p.node.Refuse(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	if _, err := p.once(sending{}, 1); err != nil {
		t.Fatal(err)
	}
	p.wantOnce(1)
}

func TestRefusedInTheBlock(t *testing.T) {
	p := newPlace(t, devnet.Options{})
	p.proxy.Fail(func(r request) fault {
		if r.Method == sendRaw && r.Count == 1 {
			if _, err := p.node.Refuse(t.Context(), "NotEligible"); err != nil {
				t.Error(err)
			}
		}
		return fault{}
	})
	kept := &memory{}
	_, err := p.once(sending{memory: kept}, 1)
	var failed *chain.FailedError
	if !errors.As(err, &failed) || !strings.Contains(err.Error(), "failed in block") || strings.Contains(err.Error(), "not final") {
		t.Errorf("%v", err)
	}
	if _, err := p.node.Refuse(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	if _, err := p.once(sending{memory: kept}, 1); err != nil {
		t.Fatal(err)
	}
	p.wantOnce(1)
}
