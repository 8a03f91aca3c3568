package main

import (
	"context"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/ethclient"
	"github.com/opengpu-network/templates/cmd/internal/full"
	"github.com/opengpu-network/templates/pkg/chain"
	"github.com/opengpu-network/templates/pkg/chain/chaintest"
	"github.com/opengpu-network/templates/pkg/chain/contracts"
	"github.com/opengpu-network/templates/pkg/chain/networks"
	"github.com/opengpu-network/templates/pkg/chain/signer"
	"github.com/opengpu-network/templates/pkg/devnet"
	"github.com/opengpu-network/templates/pkg/fetch"
	"github.com/opengpu-network/templates/pkg/publish"
	"github.com/opengpu-network/templates/pkg/release"
)

// library serves the metadata of as many releases as are asked for, without
// uploads: /NAME/VERSION.
type library struct {
	*full.Frozen
	t   testing.TB
	url string
}

func newLibrary(t testing.TB) *library {
	t.Helper()
	world := World{In: strings.NewReader(""), Out: io.Discard, Err: io.Discard, Getenv: func(string) string { return "" }, Now: func() time.Time { return today }}
	what := full.Freezing{Template: "document-ocr", Templates: filepath.Join(root(t), "templates"), Network: networks.Devnet}
	f, err := full.FreezeTemplate(context.Background(), world, what)
	if err != nil {
		t.Fatal(err)
	}
	l := &library{Frozen: f, t: t}
	server := httptest.NewServer(l)
	t.Cleanup(server.Close)
	l.url = server.URL
	return l
}

// release is the release under another name and version. The files are the same.
func (l *library) release(name, version string) *release.Release {
	r := *l.Release
	r.Name, r.Version = name, version
	return &r
}

func (l *library) link(name, version string) string { return l.url + "/" + name + "/" + version }

func (l *library) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, version, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	links := map[string]string{}
	for _, f := range l.Files {
		links[f.Path] = l.url + "/files/" + f.Path
	}
	text, err := release.MetadataOf(l.Template, l.release(name, version), links, l.About)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	_, _ = w.Write(text)
}

// fill publishes sources of the devnet's account, each of another template.
func (l *library) fill(node *devnet.Devnet, direct *ethclient.Client, from, to int) {
	l.t.Helper()
	nexus := node.Nexus()
	signer := types.LatestSignerForChainID(big.NewInt(devnet.DefaultChainID))
	for i := from; i < to; i++ {
		params, err := publish.Params(devnet.Account, l.Statement, l.link(fmt.Sprintf("template-%d", i), "1.0.0"))
		if err != nil {
			l.t.Fatal(err)
		}
		tx := types.MustSignNewTx(devnet.Key(), signer, &types.LegacyTx{
			Nonce: uint64(i), GasPrice: big.NewInt(1e10), Gas: 3_000_000, To: &nexus, Data: contracts.NewNexus().PackPublishSource(params),
		})
		if err := direct.SendTransaction(context.Background(), tx); err != nil {
			l.t.Fatal(err)
		}
		if i%16 == 15 || i == to-1 { // the pool holds few of one account
			awaitReceipt(l.t, direct, tx.Hash())
		}
	}
}

// awaitReceipt asks for a receipt until it is there.
func awaitReceipt(t testing.TB, direct *ethclient.Client, hash common.Hash) {
	t.Helper()
	for over := time.Now().Add(2 * time.Minute); time.Now().Before(over); time.Sleep(time.Millisecond) {
		if r, err := direct.TransactionReceipt(context.Background(), hash); err == nil {
			if r.Status != types.ReceiptStatusSuccessful {
				t.Fatal("the transaction failed")
			}
			return
		}
	}
	t.Fatal("there is no receipt")
}

// field is a devnet behind a proxy.
func field(t testing.TB) (*devnet.Devnet, *chaintest.Proxy, *ethclient.Client) {
	t.Helper()
	node, err := devnet.Start(context.Background(), devnet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = node.Close() })
	direct, err := ethclient.Dial(node.RPCURL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(direct.Close)
	return node, chaintest.NewProxy(t, node.RPCURL()), direct
}

func surveyor(t testing.TB, rpc string) *publish.Surveyor {
	t.Helper()
	network, _ := networks.Find(networks.Devnet)
	client, err := chain.Dial(context.Background(), network, rpc, chain.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return &publish.Surveyor{Client: client, Fetcher: &fetch.Fetcher{AllowLoopback: true}}
}

// BenchmarkPublishOnTheChain compares the chain's part of publish with sending the
// very same call and asking for its receipt, on a node that mines at once.
func BenchmarkPublishOnTheChain(b *testing.B) {
	l := newLibrary(b)
	node, _, direct := field(b)
	s := surveyor(b, node.RPCURL())
	key, err := signer.FromKey(devnet.PrivateKey)
	if err != nil {
		b.Fatal(err)
	}
	sender := &chain.Sender{Client: s.Client, Signer: key, Limits: chain.DefaultLimits()}
	var final time.Time
	sender.Progress = func(step chain.Step) {
		if step.Kind == chain.Confirming {
			final = time.Now()
		}
	}
	var whole, verified, bare, kept []time.Duration
	version := 0
	for b.Loop() {
		version++
		text := fmt.Sprintf("1.0.%d", version)
		journal, err := publish.OpenJournal(context.Background(), filepath.Join(b.TempDir(), "journal.json"))
		if err != nil {
			b.Fatal(err)
		}
		sender.Memory = journal
		start := time.Now()
		result, err := publish.Send(context.Background(), sender, s, l.release(l.Name, text), l.link(l.Name, text))
		if err != nil {
			b.Fatal(err)
		}
		verified = append(verified, time.Since(start))
		whole = append(whole, final.Sub(start))
		sent, _, err := direct.TransactionByHash(context.Background(), result.Sent.Hash)
		if err != nil {
			b.Fatal(err)
		}
		start = time.Now()
		tx := types.MustSignNewTx(devnet.Key(), types.LatestSignerForChainID(sent.ChainId()), &types.DynamicFeeTx{
			ChainID: sent.ChainId(), Nonce: sent.Nonce() + 1, GasTipCap: sent.GasTipCap(), GasFeeCap: sent.GasFeeCap(), Gas: 3_000_000,
			To: sent.To(), Data: contracts.NewNexus().PackUpdateSource(result.Source.Address, result.Source.Params),
		})
		if err := direct.SendTransaction(context.Background(), tx); err != nil {
			b.Fatal(err)
		}
		awaitReceipt(b, direct, tx.Hash())
		bare = append(bare, time.Since(start))
		start = time.Now()
		if err := journal.Keep(tx); err != nil {
			b.Fatal(err)
		}
		kept = append(kept, time.Since(start))
		if err := journal.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(milliseconds(whole)/milliseconds(bare), "times-bare")
	b.ReportMetric(milliseconds(whole), "ms-whole")
	// With reading it back, which is no part of sending.
	b.ReportMetric(milliseconds(verified), "ms-read-back")
	b.ReportMetric(milliseconds(bare), "ms-bare")
	// A part of the whole that is the disk's alone.
	b.ReportMetric(milliseconds(kept), "ms-journal")
}

// milliseconds is the median: the disk is shared with others.
func milliseconds(all []time.Duration) float64 {
	slices.Sort(all)
	return float64(all[len(all)/2].Microseconds()) / 1000
}

// latency is that of a node elsewhere.
const latency = 20 * time.Millisecond

// oneByOne reads of sources what Survey reads, one call after another, and returns
// how long that took.
func oneByOne(t testing.TB, s *publish.Surveyor, far *ethclient.Client, addresses []common.Address) time.Duration {
	t.Helper()
	source := contracts.NewSource()
	questions := [][]byte{
		source.PackGetClient(), source.PackOwner(), source.PackGetStatus(), source.PackGetRegistrantCount(), source.PackGetTaskCount(),
		source.PackGetSourceParams(), // the last
	}
	start := time.Now()
	for _, address := range addresses {
		var answer []byte
		for _, question := range questions {
			var err error
			if answer, err = far.CallContract(context.Background(), ethereum.CallMsg{To: &address, Data: question}, nil); err != nil {
				t.Fatal(err)
			}
		}
		params, err := source.UnpackGetSourceParams(answer)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Metadata(context.Background(), chain.Source{Address: address, Params: params}); err != nil {
			t.Fatal(err)
		}
	}
	return time.Since(start)
}

// BenchmarkStatus surveys many sources at an endpoint that is not near, and
// compares that with one call after another, which is measured for a part of them.
func BenchmarkStatus(b *testing.B) {
	l := newLibrary(b)
	node, proxy, direct := field(b)
	have := 0
	sizes := []int{250, 500, 1000}
	if testing.Short() {
		sizes = sizes[:1]
	}
	for _, n := range sizes {
		l.fill(node, direct, have, n)
		have = n
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			proxy.Latency(latency)
			defer proxy.Latency(0)
			var survey time.Duration
			requests, rounds := 0, 0
			for b.Loop() {
				s := surveyor(b, proxy.URL)
				at, err := s.Client.Head(context.Background())
				if err != nil {
					b.Fatal(err)
				}
				before, start := proxy.Count(""), time.Now()
				all, err := s.Survey(context.Background(), devnet.Account, at)
				if err != nil || len(all) != n {
					b.Fatalf("%d sources, %v", len(all), err)
				}
				survey += time.Since(start)
				requests += proxy.Count("") - before
				rounds++
			}
			s := surveyor(b, proxy.URL)
			at, err := s.Client.Head(context.Background())
			if err != nil {
				b.Fatal(err)
			}
			addresses, err := s.Client.SourceAddresses(context.Background(), at)
			if err != nil {
				b.Fatal(err)
			}
			far, err := ethclient.Dial(proxy.URL)
			if err != nil {
				b.Fatal(err)
			}
			defer far.Close()
			const part = 50
			single := oneByOne(b, s, far, addresses[:part]) * time.Duration(n/part)
			each := survey / time.Duration(rounds)
			b.ReportMetric(float64(single)/float64(each), "times-faster")
			b.ReportMetric(float64(each.Microseconds())/1000, "ms-survey")
			b.ReportMetric(float64(each.Microseconds())/float64(n), "µs-source")
			b.ReportMetric(float64(requests)/float64(rounds), "requests")
		})
	}
}

// TestStatusAsksInBatches bounds the requests that reading many sources takes.
func TestStatusAsksInBatches(t *testing.T) {
	l := newLibrary(t)
	node, proxy, direct := field(t)
	const n = 200
	l.fill(node, direct, 0, n)
	s := surveyor(t, proxy.URL)
	at, err := s.Client.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	before := proxy.Count("")
	all, err := s.Survey(t.Context(), devnet.Account, at)
	if err != nil || len(all) != n {
		t.Fatalf("%d sources, %v", len(all), err)
	}
	// The number of sources, their addresses, their clients, and six questions to
	// each, 100 at once.
	if requests, most := proxy.Count("")-before, 1+1+n/100+6*n/100; requests > most {
		t.Errorf("%d requests for %d sources, and %d are enough", requests, n, most)
	}
}
