package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/accounts/abi"
	"github.com/ethereum/go-ethereum/common"
	"github.com/opengpu-network/templates/pkg/chain/networks"
	"github.com/opengpu-network/templates/pkg/devnet"
)

// lockedBuffer is written and read at the same time.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// until waits until something is so.
func until(t testing.TB, what string, so func() bool) {
	t.Helper()
	for over := time.Now().Add(chainPatience); !so(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(over) {
			t.Fatalf("it takes too long until %s", what)
		}
	}
}

// startDevnetCommand runs `ogpu-tpl devnet` until the test ends it, and returns what it
// prints.
func startDevnetCommand(t *testing.T, args ...string) (out string, end func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var stdout, stderr lockedBuffer
	status := make(chan int, 1)
	go func() {
		status <- Main(ctx, append([]string{"ogpu-tpl", "devnet"}, args...), World{
			In: strings.NewReader(""), Out: &stdout, Err: &stderr, Getenv: func(string) string { return "" }, Now: time.Now,
		})
	}()
	ended := -1
	end = func() int {
		cancel()
		if ended < 0 {
			ended = <-status
		}
		return ended
	}
	t.Cleanup(func() { end() })
	until(t, "the devnet runs", func() bool { return strings.Contains(stdout.String(), "gateway") || stderr.String() != "" })
	return stdout.String() + stderr.String(), end
}

// devnetFlags are what a devnet prints for other commands.
var devnetFlags = regexp.MustCompile(`--rpc-url (\S+)\n  --host (\S+) `)

// TestDevnet runs a devnet, publishes on it with what it prints, and ends it.
func TestDevnet(t *testing.T) {
	beside(t)
	free := []string{"--rpc-address", "127.0.0.1:0", "--files-address", "127.0.0.1:0"}
	out, end := startDevnetCommand(t, free...)
	if !strings.Contains(out, devnet.Account.Hex()) || !strings.Contains(out, devnet.PrivateKey) || !strings.Contains(out, "Nothing on it has value") {
		t.Error(out)
	}
	found := devnetFlags.FindStringSubmatch(out)
	if found == nil {
		t.Fatal(out)
	}
	template := filepath.Join(root(t), "templates/huggingface-pipeline")
	args := []string{"publish", template, "--rpc-url", found[1], "--host", found[2], "--journal", t.TempDir()}
	for _, want := range []string{"The transaction is final", "There is nothing to do"} {
		if status, stdout, stderr := runIn(t, root(t), args...); status != statusClean || !strings.Contains(stdout, want) || !strings.Contains(stdout, "has no digest: see ogpu-tpl pin") && want[0] == 'S' {
			t.Errorf("status %d: %s%s", status, stdout, stderr)
		}
	}
	if status, stdout, stderr := runIn(t, root(t), "status", "--rpc-url", found[1]); status != statusClean || !regexp.MustCompile(`huggingface-pipeline +devnet +\S+ +\S+ +0x\S+ +current`).MatchString(stdout) {
		t.Errorf("status %d: %s%s", status, stdout, stderr)
	}
	// The port is taken now.
	taken := strings.TrimPrefix(found[1], "http://")
	for _, args := range [][]string{{"--rpc-address", taken}, {"--rpc-address", "127.0.0.1:0", "--files-address", taken}} {
		if status, stdout, stderr := run(t, append([]string{"devnet"}, args...)...); status != statusFailed || !strings.Contains(stderr, "address already in use") {
			t.Errorf("status %d: %s%s", status, stdout, stderr)
		}
	}
	for _, args := range [][]string{{"--rpc-address", "0.0.0.0:0"}, {"--rpc-address", "localhost"}, {"--files-address", "example.com:80"}} {
		if status, stdout, stderr := run(t, append([]string{"devnet"}, args...)...); status == statusClean || !strings.Contains(stderr, "127.0.0.1:") {
			t.Errorf("%v: status %d: %s%s", args, status, stdout, stderr)
		}
	}
	if status, _, stderr := run(t, "devnet", "now"); status != statusUsage {
		t.Errorf("status %d: %s", status, stderr)
	}
	if status := end(); status != statusClean {
		t.Errorf("it ends with status %d", status)
	}
	if status, stdout, stderr := runIn(t, root(t), "status", "--rpc-url", found[1]); status != statusFailed || !strings.Contains(stderr, "connection refused") {
		t.Errorf("status %d: %s%s", status, stdout, stderr)
	}
}

// TestPublishFromAFreshClone needs nothing: no wallet, no network, no flag.
func TestPublishFromAFreshClone(t *testing.T) {
	t.Chdir(root(t))
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	// A key for a real network that somebody has set is neither needed nor used.
	status, stdout, stderr := runWith(t, map[string]string{"CLIENT_PRIVATE_KEY": strings.Repeat("1", 64)}, "publish", "huggingface-pipeline")
	for _, want := range []string{"No network is named, so this is the devnet", "is on the devnet", " agree\n"} {
		if status != statusClean || !strings.Contains(stdout, want) {
			t.Errorf("status %d: %s%s", status, stdout, stderr)
		}
	}
}

// TestWrongEndpoints has something else listen where a node should.
func TestWrongEndpoints(t *testing.T) {
	beside(t)
	s := newStage(t, devnet.Options{Nexus: common.HexToAddress("0x1234000000000000000000000000000000000000")})
	other := newStage(t, devnet.Options{ChainID: 1071})
	s.want(statusFailed, "there is no Nexus contract at", "publish", "echo")
	other.want(statusFailed, "serves the chain 1071, and devnet is the chain 1337: give the endpoint of that network with --rpc-url", "publish", "echo")
	other.want(statusFailed, "serves the chain 1071", "retire", "echo")
	if n := s.node.Adds.Load() + other.node.Adds.Load(); n != 0 {
		t.Errorf("%d files were uploaded", n)
	}
	// A server that is no node.
	page := httptest.NewServer(http.NotFoundHandler())
	defer page.Close()
	other.want(statusFailed, "it answers 404", "status", "--rpc-url", page.URL)
	text := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"no\u001b[2J\n::error::x"}}`)
	}))
	defer text.Close()
	if _, stdout, stderr := other.command("status", "--rpc-url", text.URL); harmful.MatchString(strings.ReplaceAll(stdout+stderr, "\n", "")) || regexp.MustCompile(`(?m)^::`).MatchString(stdout+stderr) {
		t.Errorf("%q", stdout+stderr)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := "http://" + listener.Addr().String()
	listener.Close()
	other.want(statusFailed, "connection refused", "status", "--rpc-url", nobody)
}

// TestLegacyChain publishes on a chain from before EIP-1559.
func TestLegacyChain(t *testing.T) {
	beside(t)
	s := newStage(t, devnet.Options{Legacy: true})
	s.want(statusClean, "at most [0-9]+, which cost at most .*final.* agree", "publish", "echo")
	s.manifest(map[string]any{"version": "1.1.0"})
	s.want(statusClean, "updateSource.*final.* agree", "publish", "echo")
}

// TestConfirmations waits for as many blocks as the network takes unless told
// otherwise.
func TestConfirmations(t *testing.T) {
	beside(t)
	network, _ := networks.Find("testnet")
	s := newStage(t, devnet.Options{ChainID: network.ChainID, Nexus: network.Nexus})
	s.happen(`write publishers.yaml testnet: {client: "` + devnet.Account.Hex() + `"}`)
	s.happen("record")
	s.env["CLIENT_PRIVATE_KEY"] = devnet.PrivateKey
	var blocks sync.WaitGroup
	defer blocks.Wait()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	blocks.Go(func() {
		for ctx.Err() == nil {
			time.Sleep(50 * time.Millisecond)
			_, _ = s.chain.Commit()
		}
	})
	out := s.want(statusClean, "waiting for 6 confirmations.*final", "publish", "echo", "--network", "testnet", "--loopback", "--record", "record.json", "--format", "json")
	var receipt struct{ Block uint64 }
	if err := json.Unmarshal([]byte(out), &receipt); err != nil {
		t.Fatal(err, out)
	}
	if head, err := s.client.BlockNumber(t.Context()); err != nil || head < receipt.Block+5 {
		t.Errorf("block %d is not final at block %d: %v", receipt.Block, head, err)
	}
}

// documentedABI is the part of OpenGPU's interface that finds a source, written from
// its documentation.
const documentedABI = `[
	{"type": "event", "name": "SourcePublished", "inputs": [{"name": "source", "type": "address", "indexed": false}]},
	{"type": "function", "name": "getClient", "stateMutability": "view", "inputs": [], "outputs": [{"name": "", "type": "address"}]},
	{"type": "function", "name": "getStatus", "stateMutability": "view", "inputs": [], "outputs": [{"name": "", "type": "uint8"}]},
	{"type": "function", "name": "getSourceParams", "stateMutability": "view", "inputs": [], "outputs": [{"name": "", "type": "tuple", "components": [
		{"name": "client", "type": "address"}, {"name": "imageMetadataUrl", "type": "string"}, {"name": "imageEnvironments", "type": "uint8"},
		{"name": "minPayment", "type": "uint256"}, {"name": "minAvailableLockup", "type": "uint256"}, {"name": "maxExpiryDuration", "type": "uint256"},
		{"name": "privacyEnabled", "type": "bool"}, {"name": "optionalParamsUrl", "type": "string"}, {"name": "deliveryMethod", "type": "uint8"},
		{"name": "lastUpdateTime", "type": "uint256"}]}]}
]`

// TestReceiptNeedsOnlyTheABI reads what publish has done back with go-ethereum's
// client and the documented interface, with nothing of this project's.
func TestReceiptNeedsOnlyTheABI(t *testing.T) {
	beside(t)
	s := newStage(t, devnet.Options{})
	var printed struct{ Transaction, Source, MetadataURL string }
	if err := json.Unmarshal([]byte(s.want(statusClean, "", "publish", "echo", "--format", "json")), &printed); err != nil {
		t.Fatal(err)
	}
	documented, err := abi.JSON(strings.NewReader(documentedABI))
	if err != nil {
		t.Fatal(err)
	}
	receipt, err := s.client.TransactionReceipt(t.Context(), common.HexToHash(printed.Transaction))
	if err != nil {
		t.Fatal(err)
	}
	var source common.Address
	for _, log := range receipt.Logs {
		if log.Topics[0] == documented.Events["SourcePublished"].ID && log.Address == s.chain.Nexus() {
			values, err := documented.Unpack("SourcePublished", log.Data)
			if err != nil {
				t.Fatal(err)
			}
			source = values[0].(common.Address)
		}
	}
	if source.Hex() != printed.Source {
		t.Errorf("the receipt says %s, and the program %s", source, printed.Source)
	}
	read := func(method string) any {
		t.Helper()
		data, err := documented.Pack(method)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := s.client.CallContract(t.Context(), ethereum.CallMsg{To: &source, Data: data}, nil)
		if err != nil {
			t.Fatal(err)
		}
		values, err := documented.Unpack(method, answer)
		if err != nil {
			t.Fatal(err)
		}
		return values[0]
	}
	if client, status := read("getClient"), read("getStatus"); client != devnet.Account || status != uint8(0) {
		t.Error(client, status)
	}
	type sourceParams struct {
		Client                                            common.Address
		ImageMetadataUrl                                  string
		ImageEnvironments                                 uint8
		MinPayment, MinAvailableLockup, MaxExpiryDuration *big.Int
		PrivacyEnabled                                    bool
		OptionalParamsUrl                                 string
		DeliveryMethod                                    uint8
		LastUpdateTime                                    *big.Int
	}
	p := *abi.ConvertType(read("getSourceParams"), new(sourceParams)).(*sourceParams)
	if p.Client != devnet.Account || p.ImageMetadataUrl != printed.MetadataURL || p.ImageEnvironments != 1 || p.MinPayment.String() != "1000000000000000" ||
		p.MinAvailableLockup.Sign() != 0 || p.MaxExpiryDuration.Int64() != 86400 || p.PrivacyEnabled || p.OptionalParamsUrl != "" || p.DeliveryMethod != 1 {
		t.Errorf("%+v", p)
	}
	var metadata map[string]any
	if err := json.Unmarshal([]byte(fetched(t, p.ImageMetadataUrl)), &metadata); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"cpu", "nvidia", "amd", "name", "description", "logoUrl"} {
		if _, ok := metadata[key].(string); !ok {
			t.Errorf("the metadata has no text %s: %v", key, metadata)
		}
	}
}
