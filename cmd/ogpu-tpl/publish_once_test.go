package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/ethclient"
	"github.com/opengpu-network/templates/cmd/internal/app"
	"github.com/opengpu-network/templates/cmd/internal/full"
	"github.com/opengpu-network/templates/pkg/chain/chaintest"
	"github.com/opengpu-network/templates/pkg/chain/contracts"
	"github.com/opengpu-network/templates/pkg/devnet"
	"github.com/opengpu-network/templates/pkg/publish"
)

// This file shows that publish does what it does exactly once: the program runs
// as a process of its own, and is killed at every step.

// ground is a chain behind a proxy, a pinning service that counts, and a catalog
// with one template.
type ground struct {
	t       testing.TB
	catalog string
	account common.Address
	env     []string // beside the process's
	files   *devnet.Devnet
	proxy   *chaintest.Proxy
	// direct leads to the node itself.
	direct *ethclient.Client
	// uploads counts, and asks onUpload before one is passed on.
	uploads  atomic.Int64
	onUpload atomic.Pointer[func()]
	host     string
}

// newGround makes a ground on a devnet.
func newGround(t testing.TB) *ground {
	t.Helper()
	node, err := devnet.Start(t.Context(), devnet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = node.Close() })
	return groundOn(t, node, node.RPCURL(), devnet.Account)
}

// groundOn makes a ground on the node at the URL, where the account publishes.
// Files are served by a devnet.
func groundOn(t testing.TB, files *devnet.Devnet, node string, account common.Address) *ground {
	t.Helper()
	g := &ground{t: t, catalog: t.TempDir(), account: account, files: files, proxy: chaintest.NewProxy(t, node)}
	var err error
	if g.direct, err = ethclient.DialContext(t.Context(), node); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.direct.Close)
	to, err := url.Parse(files.PinningURL())
	if err != nil {
		t.Fatal(err)
	}
	pass := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.Out.URL.Scheme, r.Out.URL.Host = to.Scheme, to.Host }, ErrorLog: silent}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked := g.onUpload.Load(); asked != nil {
			(*asked)()
		}
		g.uploads.Add(1)
		pass.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	g.host = "pinning=" + server.URL + to.Path + "," + files.GatewayURL()
	if err := os.CopyFS(filepath.Join(g.catalog, "templates/document-ocr"), os.DirFS(filepath.Join(root(t), "templates/document-ocr"))); err != nil {
		t.Fatal(err)
	}
	g.write("publishers.yaml", fmt.Sprintf("devnet:\n  client: %q\n", account))
	return g
}

func (g *ground) write(name, text string) {
	g.t.Helper()
	if err := os.WriteFile(filepath.Join(g.catalog, name), []byte(text), 0o600); err != nil {
		g.t.Fatal(err)
	}
}

// version gives the template a version.
func (g *ground) version(version string) {
	g.t.Helper()
	edit(g.t, filepath.Join(g.catalog, "templates/document-ocr/template.yaml"), func(m map[string]any) { m["version"] = version })
}

// program is a run of the program in the catalog.
func (g *ground) program(args ...string) *exec.Cmd {
	g.t.Helper()
	c := command(g.t, args...)
	// Some are killed, and leave there what they work on.
	c.Dir, c.Env = g.catalog, append(append(c.Env, "TMPDIR="+g.t.TempDir()), g.env...)
	return c
}

// publish is a run of publish that keeps its journal in a folder.
func (g *ground) publish(journal string) *exec.Cmd {
	g.t.Helper()
	return g.program("publish", "document-ocr", "--network", "devnet", "--rpc-url", g.proxy.URL, "--host", g.host, "--journal", journal, "--format", "json")
}

// published runs publish to its end, which must be a good one.
func (g *ground) published(journal string) full.Receipt {
	g.t.Helper()
	status, stdout, stderr := runCommand(g.t, g.publish(journal))
	var r full.Receipt
	if err := json.Unmarshal([]byte(stdout), &r); err != nil || status != statusClean {
		g.t.Fatalf("status %d, %v: %s%s", status, err, stdout, stderr)
	}
	if r.Verified == nil || r.Verified.Outcome() != publish.Agrees {
		g.t.Errorf("it is not verified: %s", stdout)
	}
	return r
}

// wantEvents checks how many sources were published, and how often they were
// updated.
func (g *ground) wantEvents(published, updated int) {
	g.t.Helper()
	logs, err := g.direct.FilterLogs(g.t.Context(), ethereum.FilterQuery{Addresses: []common.Address{devnet.NexusAddress}})
	if err != nil {
		g.t.Fatal(err)
	}
	nexus := contracts.NewNexus()
	var sources, updates int
	for _, log := range logs {
		if _, err := nexus.UnpackSourcePublishedEvent(&log); err == nil {
			sources++
		}
		if _, err := nexus.UnpackSourceUpdatedEvent(&log); err == nil {
			updates++
		}
	}
	if sources != published || updates != updated {
		g.t.Errorf("%d sources were published, and %d updated, instead of %d and %d", sources, updates, published, updated)
	}
}

// signatures are how many different transactions were sent from a place on.
func (g *ground) signatures(from int) int {
	different := slices.Clone(g.proxy.Sent()[from:])
	slices.Sort(different)
	return len(slices.Compact(different))
}

// A moment is where a run is killed.
type moment struct {
	name string
	// uploaded and signed say what was done then.
	uploaded, signed bool
	// prepare makes kill be called at that moment.
	prepare func(g *ground, kill func())
}

func moments() []moment {
	gone := chaintest.Fault{Gone: true}
	onRequest := func(act func(r chaintest.Request, kill func(), g *ground) chaintest.Fault) func(*ground, func()) {
		return func(g *ground, kill func()) {
			g.proxy.Fail(func(r chaintest.Request) chaintest.Fault { return act(r, kill, g) })
		}
	}
	at := func(method string) func(*ground, func()) {
		return onRequest(func(r chaintest.Request, kill func(), _ *ground) chaintest.Fault {
			if r.Method != method {
				return chaintest.Fault{}
			}
			kill()
			return gone
		})
	}
	return []moment{
		{"before upload", false, false, func(g *ground, kill func()) { g.onUpload.Store(&kill) }},
		{"after upload", true, false, func(g *ground, kill func()) {
			before := g.uploads.Load()
			g.proxy.Fail(func(chaintest.Request) chaintest.Fault {
				if g.uploads.Load() == before {
					return chaintest.Fault{}
				}
				kill()
				return gone
			})
		}},
		{"after signing", true, true, at("eth_sendRawTransaction")},
		{"after sending", true, true, onRequest(func(r chaintest.Request, kill func(), g *ground) chaintest.Fault {
			if r.Method != "eth_sendRawTransaction" {
				return chaintest.Fault{}
			}
			g.passOn(r.Params)
			kill()
			return gone
		})},
		{"before the receipt", true, true, at("eth_getTransactionReceipt")},
		{"after the receipt", true, true, func(g *ground, kill func()) {
			var passed atomic.Bool
			g.proxy.Fail(func(r chaintest.Request) chaintest.Fault {
				if passed.Load() {
					kill()
					return gone
				}
				if r.Method == "eth_getTransactionReceipt" {
					return chaintest.Fault{Change: func(result json.RawMessage) any {
						passed.Store(string(result) != "null")
						return result
					}}
				}
				return chaintest.Fault{}
			})
		}},
	}
}

// passOn hands a signed transaction to the node.
func (g *ground) passOn(params json.RawMessage) {
	var raw []hexutil.Bytes
	tx := new(types.Transaction)
	if err := json.Unmarshal(params, &raw); err != nil || len(raw) != 1 {
		g.t.Errorf("%s is no transaction: %v", params, err)
		return
	}
	if err := tx.UnmarshalBinary(raw[0]); err != nil {
		g.t.Error(err)
		return
	}
	if err := g.direct.SendTransaction(context.Background(), tx); err != nil {
		g.t.Error(err)
	}
}

// TestPublishKilled kills publish at every step, for the first version and for an
// update, and lets another run go on, with the journal and without it.
func TestPublishKilled(t *testing.T) {
	t.Parallel()
	for _, m := range moments() {
		for _, update := range []bool{false, true} {
			for _, forgets := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/update=%v/forgets=%v", m.name, update, forgets), func(t *testing.T) {
					beside(t)
					g := newGround(t)
					if update {
						g.published(t.TempDir())
						g.version("1.1.0")
					}
					journal := t.TempDir()
					uploads, sent := g.uploads.Load(), len(g.proxy.Sent())
					g.killed(m, journal)
					if done := g.uploads.Load() > uploads; done != m.uploaded {
						t.Errorf("it was killed when something was uploaded: %v", done)
					}
					if done := len(g.proxy.Sent()) > sent; done != m.signed {
						t.Errorf("it was killed when something was signed: %v", done)
					}
					// Gas has another price then: what is signed anew differs.
					for range 3 {
						if _, err := g.files.Commit(); err != nil {
							t.Fatal(err)
						}
					}
					if forgets {
						journal = t.TempDir()
					}
					between := g.uploads.Load()
					r := g.published(journal)
					if update {
						g.wantEvents(1, 1)
					} else {
						g.wantEvents(1, 0)
					}
					if want := map[bool]string{false: "1.0.0", true: "1.1.0"}[update]; r.Version != want {
						t.Errorf("the version is %s", r.Version)
					}
					if forgets {
						return
					}
					if again := g.uploads.Load() - between; m.uploaded && again > 0 {
						t.Errorf("%d files were uploaded again", again)
					}
					if n := g.signatures(sent); n != 1 {
						t.Errorf("%d different transactions were signed", n)
					}
				})
			}
		}
	}
}

// killed runs publish, and kills it at a moment.
func (g *ground) killed(m moment, journal string) {
	g.t.Helper()
	c := g.publish(journal)
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	started, ended := make(chan struct{}), make(chan struct{})
	m.prepare(g, sync.OnceFunc(func() {
		<-started
		_ = c.Process.Kill()
		<-ended
	}))
	if err := c.Start(); err != nil {
		g.t.Fatal(err)
	}
	close(started)
	_ = c.Wait()
	close(ended)
	g.onUpload.Store(nil)
	g.proxy.Fail(nil)
	if c.ProcessState.Exited() {
		g.t.Fatalf("it was not killed, and ended with %d: %s", c.ProcessState.ExitCode(), out.String())
	}
}

// TestPublishersAtOnce has several processes with one key publish the same
// version, each with a journal of its own, and then an update.
func TestPublishersAtOnce(t *testing.T) {
	beside(t)
	for _, n := range []int{2, 8} {
		g := newGround(t)
		for i, version := range []string{"1.0.0", "1.1.0"} {
			g.version(version)
			sources := make([]string, n)
			var group sync.WaitGroup
			for i := range n {
				c := g.publish(t.TempDir())
				group.Go(func() {
					status, stdout, stderr := runCommand(t, c)
					var r full.Receipt
					if err := json.Unmarshal([]byte(stdout), &r); err != nil || status != statusClean {
						t.Errorf("status %d, %v: %s%s", status, err, stdout, stderr)
					}
					sources[i] = r.Source
				})
			}
			group.Wait()
			g.wantEvents(1, i)
			if len(slices.Compact(sources)) != 1 {
				t.Errorf("the runs name the sources %v", sources)
			}
		}
	}
}

// TestPublishOnGeth goes the whole way on a node that is a process of its own, of
// another version.
func TestPublishOnGeth(t *testing.T) {
	beside(t)
	files, err := devnet.Start(t.Context(), devnet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = files.Close() })
	node := chaintest.StartGeth(t, chaintest.Options{ChainID: devnet.DefaultChainID, Alloc: nexusOf(t, files)})
	g := groundOn(t, files, node.RPCURL(), node.Account)
	g.env = []string{app.KeyVariable + "=" + node.Key}

	g.published(t.TempDir())
	g.version("1.1.0")
	update := g.published(t.TempDir())
	g.wantEvents(1, 1)
	again := g.published(t.TempDir())
	if again.Action != publish.Nothing || again.Source != update.Source || again.Transaction != nil {
		t.Errorf("the same again: %+v", again)
	}
	g.wantEvents(1, 1)
	node.Restart(t)
	on := []string{"--network", "devnet", "--rpc-url", node.RPCURL()}
	for _, c := range []struct {
		args []string
		says []string
	}{
		{[]string{"status", "document-ocr"}, []string{"1.1.0", "current", update.Source}},
		{[]string{"verify", "document-ocr"}, []string{"agree"}},
		{[]string{"history", "document-ocr"}, []string{"1.0.0", "1.1.0", "published", "updated"}},
		{[]string{"retire", "document-ocr", "--yes"}, []string{update.Source}},
		{[]string{"status", "document-ocr"}, []string{"retired"}},
	} {
		status, stdout, stderr := runCommand(t, g.program(append(c.args, on...)...))
		for _, says := range c.says {
			if !strings.Contains(stdout, says) {
				t.Errorf("%v does not say %q: status %d: %s%s", c.args, says, status, stdout, stderr)
			}
		}
		if status != statusClean {
			t.Errorf("%v: status %d: %s%s", c.args, status, stdout, stderr)
		}
		if strings.Contains(stdout+stderr, node.Key) {
			t.Errorf("%v shows the key", c.args)
		}
	}
}

// nexusOf is a devnet's Nexus for the genesis block of another node.
func nexusOf(t testing.TB, d *devnet.Devnet) types.GenesisAlloc {
	t.Helper()
	client, err := ethclient.DialContext(t.Context(), d.RPCURL())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	code, err := client.CodeAt(t.Context(), d.Nexus(), nil)
	if err != nil {
		t.Fatal(err)
	}
	storage := map[common.Hash]common.Hash{}
	for i := range int64(16) {
		slot := common.BigToHash(big.NewInt(i))
		value, err := client.StorageAt(t.Context(), d.Nexus(), slot, nil)
		if err != nil {
			t.Fatal(err)
		}
		if holds := common.BytesToHash(value); holds != (common.Hash{}) {
			storage[slot] = holds
		}
	}
	return types.GenesisAlloc{d.Nexus(): {Code: code, Storage: storage, Balance: new(big.Int)}}
}
