package chain_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/opengpu-network/templates/pkg/chain"
	"github.com/opengpu-network/templates/pkg/chain/chaintest"
	"github.com/opengpu-network/templates/pkg/devnet"
)

const getLogs = "eth_getLogs"

// span are the blocks that a request for events is about.
func span(t *testing.T, r request) (from, to uint64) {
	t.Helper()
	var filters []struct{ FromBlock, ToBlock hexutil.Uint64 }
	if err := json.Unmarshal(r.Params, &filters); err != nil || len(filters) != 1 {
		t.Errorf("%s: %v", r.Params, err)
		return 0, 0
	}
	return uint64(filters[0].FromBlock), uint64(filters[0].ToBlock)
}

// TestHistoryDespiteFaults reads a history of three versions, a retirement and
// many blocks from endpoints with limits and faults.
func TestHistoryDespiteFaults(t *testing.T) {
	p := newPlace(t, devnet.Options{Manual: true})
	p.mine()
	for version := 1; version <= 3; version++ {
		if _, err := p.once(sending{}, version); err != nil {
			t.Fatal(err)
		}
		for range 150 {
			p.commit()
		}
	}
	client := p.client()
	at, err := client.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sources, err := client.SourcesOf(t.Context(), devnet.Account, at)
	if err != nil || len(sources) != 1 {
		t.Fatalf("%v, %v", sources, err)
	}
	tooMany := func(code int, text string, most func(from, to uint64) bool) func(request) fault {
		return func(r request) fault {
			if r.Method == getLogs {
				if from, to := span(t, r); !most(from, to) {
					return rpcError(code, text)
				}
			}
			return fault{}
		}
	}
	hundred := func(from, to uint64) bool { return to-from < 100 }
	one := func(from, to uint64) bool {
		logs, err := p.direct.FilterLogs(t.Context(), ethereum.FilterQuery{FromBlock: number(from), ToBlock: number(to), Addresses: []common.Address{p.node.Nexus()}})
		return err == nil && len(logs) <= 1
	}
	for _, c := range []struct {
		name string
		fail func(request) fault
		want string // part of the error
	}{
		{"none", nil, ""},
		{"100 blocks at once", tooMany(-32000, "block range is too wide", hundred), ""},
		{"100 blocks at once, as a limit", tooMany(-32005, "query returned more than 10000 results", hundred), ""},
		{"100 blocks at once, as invalid", tooMany(-32602, "exceed maximum block range: 100", hundred), ""},
		{"one event at once", tooMany(-32005, "query returned more than 1 results", one), ""},
		{"a bad request above 100 blocks", func(r request) fault {
			if r.Method == getLogs {
				if from, to := span(t, r); !hundred(from, to) {
					return fault{Status: 413}
				}
			}
			return fault{}
		}, ""},
		{"an overload", first(2, getLogs, fault{Status: 503}), ""},
		{"a lost answer", first(1, getLogs, fault{Lost: true}), ""},
		{"old states are pruned", func(r request) fault {
			if r.Method == "eth_call" && !strings.Contains(string(r.Params), at.Hash.Hex()) {
				return rpcError(-32000, "missing trie node 1f (path ) state 0x2f is not available")
			}
			return fault{}
		}, ""},
		{"no events at all", always(getLogs, rpcError(-32601, "the method eth_getLogs does not exist")), "does not exist"},
		{"events of another contract", always(getLogs, fault{Change: func(got json.RawMessage) any {
			return json.RawMessage(strings.ReplaceAll(string(got), strings.ToLower(p.node.Nexus().Hex()), common.Address{1}.Hex()))
		}}), "nobody asked for"},
		{"a transaction is not there", always("eth_getTransactionByHash", fault{Result: json.RawMessage("null")}), "does not have the transaction"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p.proxy.Fail(c.fail)
			defer p.proxy.Fail(nil)
			events, err := client.History(t.Context(), sources[0].Address, 0, at)
			if c.want != "" {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("%v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, e := range events {
				got = append(got, string(e.Kind)+" "+e.Params.ImageMetadataUrl)
			}
			want := []string{"published " + link(1), "updated " + link(2), "updated " + link(3)}
			if strings.Join(got, ", ") != strings.Join(want, ", ") {
				t.Errorf("%v", got)
			}
			if asked := p.proxy.Count(getLogs); asked > 40 {
				t.Errorf("events were asked for %d times", asked)
			}
		})
	}
}

// TestHistoryOfHugeChain bounds what an endpoint can make us ask for.
func TestHistoryOfHugeChain(t *testing.T) {
	p := newPlace(t, devnet.Options{})
	client := p.client()
	p.proxy.Fail(nil)
	_, err := client.History(t.Context(), common.Address{1}, 0, chain.Block{Number: 1<<64 - 1})
	if err == nil || !strings.Contains(err.Error(), "blocks") {
		t.Errorf("%v", err)
	}
	if asked := p.proxy.Count(getLogs); asked > 0 {
		t.Errorf("events were asked for %d times", asked)
	}
}

// TestManySources reads more sources than one page, with holes, and in few
// requests, also where the Nexus refuses to be asked for more than there are.
func TestManySources(t *testing.T) {
	for _, n := range []int{5, 40, 520} {
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			p := newPlace(t, devnet.Options{})
			p.publishMany(n)
			client := p.client()
			for _, strict := range []bool{false, true} {
				if strict {
					p.proxy.Fail(func(r request) fault {
						if r.Method == "eth_call" && strings.Contains(string(r.Params), hexutil.Encode(nexus.PackGetSources(number(0), number(500)))) && n < 500 {
							return fault{Error: &chaintest.Error{Code: 3, Message: "execution reverted"}}
						}
						return fault{}
					})
				}
				at, err := client.Head(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				before := p.proxy.Count("")
				sources, err := client.SourcesOf(t.Context(), devnet.Account, at)
				if err != nil || len(sources) != n {
					t.Fatalf("%d sources, %v", len(sources), err)
				}
				if requests, most := p.proxy.Count("")-before, 5+7*n/100; requests > most {
					t.Errorf("%d requests, and %d are enough", requests, most)
				}
				p.proxy.Fail(nil)
				others, err := client.SourcesOf(t.Context(), common.Address{1}, at)
				if err != nil || len(others) != 0 {
					t.Errorf("somebody else has %d sources, %v", len(others), err)
				}
			}
			at, err := client.Head(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			all, err := client.SourceAddresses(t.Context(), at)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := p.node.RemoveSource(t.Context(), all[n/2]); err != nil {
				t.Fatal(err)
			}
			if at, err = client.Head(t.Context()); err != nil {
				t.Fatal(err)
			}
			if sources, err := client.SourcesOf(t.Context(), devnet.Account, at); err != nil || len(sources) != n-1 {
				t.Errorf("with a hole there are %d sources, %v", len(sources), err)
			}
			// Those that were read before are not of this block.
			if len(all) != n || all[n/2] == (common.Address{}) {
				t.Errorf("%d addresses", len(all))
			}
		})
	}
}
