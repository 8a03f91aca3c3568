package devnet_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"encoding/json"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/ethclient"
	"github.com/opengpu-network/templates/pkg/chain/chaintest"
	"github.com/opengpu-network/templates/pkg/devnet"
)

// patience is for one step of a test. A slow machine may need some of it.
const patience = 2 * time.Minute

// start starts a devnet that ends with the test.
func start(t testing.TB, options devnet.Options) *devnet.Devnet {
	t.Helper()
	d, err := devnet.Start(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func dial(t testing.TB, d *devnet.Devnet) *ethclient.Client {
	t.Helper()
	client, err := ethclient.DialContext(t.Context(), d.RPCURL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

func patient(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

func newKey(t testing.TB) (*ecdsa.PrivateKey, common.Address) {
	t.Helper()
	key, err := crypto.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	return key, crypto.PubkeyToAddress(key.PublicKey)
}

func TestKeyIsAccounts(t *testing.T) {
	if is := crypto.PubkeyToAddress(devnet.Key().PublicKey); is != devnet.Account {
		t.Errorf("the key is of %s, not of %s", is, devnet.Account)
	}
}

func TestStart(t *testing.T) {
	nexus := common.HexToAddress("0x2b0cC6058313801D5feb184a539e3a0C5A87a6a1")
	_, rich := newKey(t)
	d := start(t, devnet.Options{ChainID: 1071, Nexus: nexus, Balances: map[common.Address]*big.Int{rich: big.NewInt(7)}})
	client := dial(t, d)
	ctx := patient(t)

	if id, err := client.ChainID(ctx); err != nil || id.Uint64() != 1071 {
		t.Errorf("the chain's id is %v (%v)", id, err)
	}
	if id, err := client.NetworkID(ctx); err != nil || id.Uint64() != 1071 {
		t.Errorf("the network's id is %v (%v)", id, err)
	}
	if code, err := client.CodeAt(ctx, nexus, nil); err != nil || len(code) == 0 || d.Nexus() != nexus {
		t.Errorf("no code at %s, where Nexus (%s) shall be (%v)", nexus, d.Nexus(), err)
	}
	for account, want := range map[common.Address]string{rich: "7", devnet.Account: "1000000000000000000000000"} {
		if has, err := client.BalanceAt(ctx, account, nil); err != nil || has.String() != want {
			t.Errorf("%s has %v wei, not %s (%v)", account, has, want, err)
		}
	}
	var version string
	if err := client.Client().CallContext(ctx, &version, "web3_clientVersion"); err != nil || version == "" {
		t.Errorf("the client's version is %q (%v)", version, err)
	}
}

func TestLargeChainID(t *testing.T) {
	client := dial(t, start(t, devnet.Options{ChainID: 200820172034}))
	if id, err := client.ChainID(patient(t)); err != nil || id.Uint64() != 200820172034 {
		t.Errorf("the chain's id is %v (%v)", id, err)
	}
}

func TestOnlyPublicNamespaces(t *testing.T) {
	client := dial(t, start(t, devnet.Options{}))
	for _, method := range []string{"admin_nodeInfo", "debug_setHead", "miner_setGasPrice", "txpool_status", "personal_listAccounts", "engine_getPayloadV1", "dev_addWithdrawal"} {
		var answer any
		err := client.Client().CallContext(patient(t), &answer, method)
		if err == nil || !strings.Contains(err.Error(), "does not exist") {
			t.Errorf("%s: %v (%v)", method, answer, err)
		}
	}
}

func TestBatches(t *testing.T) {
	d := start(t, devnet.Options{})
	post := func(header, value, body string) (int, string) {
		t.Helper()
		request, err := http.NewRequestWithContext(patient(t), http.MethodPost, d.RPCURL(), strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		if header == "Host" {
			request.Host = value
		} else if header != "" {
			request.Header.Set(header, value)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if cors := response.Header.Get("Access-Control-Allow-Origin"); cors != "" {
			t.Errorf("pages of %q may read the answer", cors)
		}
		answer, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, string(answer)
	}
	const call = `{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}`
	status, answer := post("", "", "["+call+","+call+"]")
	var answers []struct{ Result string }
	if err := json.Unmarshal([]byte(answer), &answers); err != nil || status != http.StatusOK || len(answers) != 2 || answers[1].Result != "0x539" {
		t.Errorf("status %d, %s (%v)", status, answer, err)
	}
	if status, answer = post("Host", "rebound.example", call); status != http.StatusForbidden {
		t.Errorf("for another host: status %d, %s", status, answer)
	}
	post("Origin", "https://page.example", call)
	if status, _ = post("", "", `"`+strings.Repeat("a", 6<<20)+`"`); status != http.StatusRequestEntityTooLarge {
		t.Errorf("for a large request: status %d", status)
	}
	if status, _ = post("X-Large", strings.Repeat("a", 64<<10), call); status != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("for a large header: status %d", status)
	}
}

func TestTwoAtOnce(t *testing.T) {
	a, b := start(t, devnet.Options{}), start(t, devnet.Options{ChainID: 7})
	urls := map[string]bool{a.RPCURL(): true, b.RPCURL(): true, a.GatewayURL(): true, b.GatewayURL(): true}
	if len(urls) != 4 {
		t.Errorf("four servers share their addresses: %v", urls)
	}
	send(t, dial(t, a), devnet.Key(), new(big.Int), common.Address{1}, nil)
	head, err := dial(t, b).BlockNumber(patient(t))
	if err != nil || head != 1 {
		t.Errorf("the other chain's newest block is %d (%v)", head, err)
	}
}

func TestNamedPort(t *testing.T) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	if _, err := devnet.Start(t.Context(), devnet.Options{RPCAddress: address}); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("a port that is taken: %v", err)
	}
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	if d := start(t, devnet.Options{RPCAddress: address}); d.RPCURL() != "http://"+address {
		t.Errorf("%s is not http://%s", d.RPCURL(), address)
	}
}

func TestWrongOptions(t *testing.T) {
	for name, options := range map[string]devnet.Options{
		"any address":        {RPCAddress: "0.0.0.0:0"},
		"a name":             {PinningAddress: "example.com:0"},
		"no port":            {RPCAddress: "127.0.0.1"},
		"the chain's own":    {Nexus: common.HexToAddress("0x000F3df6D732807Ef1319fB7B8bB8522d0Beac02")},
		"a precompile":       {Nexus: common.HexToAddress("0x01")},
		"a negative balance": {Balances: map[common.Address]*big.Int{{1}: big.NewInt(-1)}},
		"a nil balance":      {Balances: map[common.Address]*big.Int{{1}: nil}},
		"a huge balance":     {Balances: map[common.Address]*big.Int{{1}: new(big.Int).Lsh(big.NewInt(1), 256)}},
	} {
		if d, err := devnet.Start(t.Context(), options); err == nil {
			t.Errorf("%s: it started", name)
			_ = d.Close()
		}
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := devnet.Start(ended, devnet.Options{}); err == nil {
		t.Error("it started with a context that had ended")
	}
}

func TestClose(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	t.Setenv("HOME", folder)
	before := runtime.NumGoroutine()
	d, err := devnet.Start(t.Context(), devnet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	client, err := ethclient.DialContext(t.Context(), d.RPCURL())
	if err != nil {
		t.Fatal(err)
	}
	send(t, client, devnet.Key(), new(big.Int), common.Address{1}, nil)
	if entries, err := os.ReadDir(folder); err != nil || len(entries) > 0 {
		t.Errorf("it wrote %v (%v)", entries, err)
	}
	for range 2 {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := client.ChainID(patient(t)); err == nil {
		t.Error("the node answers after Close")
	}
	client.Close()
	if _, err := d.Commit(); err != devnet.ErrClosed {
		t.Errorf("Commit after Close: %v", err)
	}
	if err := d.Fork(common.Hash{}); err != devnet.ErrClosed {
		t.Errorf("Fork after Close: %v", err)
	}
	if err := d.Rollback(); err != devnet.ErrClosed {
		t.Errorf("Rollback after Close: %v", err)
	}
	// Some goroutines end a moment after what they served.
	http.DefaultClient.CloseIdleConnections()
	for deadline := time.Now().Add(patience); runtime.NumGoroutine() > before; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
		}
	}
}

func TestLog(t *testing.T) {
	var said bytes.Buffer
	d, err := devnet.Start(t.Context(), devnet.Options{Log: slog.NewTextHandler(&said, nil)})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if said.Len() == 0 {
		t.Error("the node told nothing")
	}
}

func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		d, err := devnet.Start(b.Context(), devnet.Options{})
		if err != nil {
			b.Fatal(err)
		}
		if err := d.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// send sends a transaction and returns its receipt, however it ended.
func send(t testing.TB, client *ethclient.Client, key *ecdsa.PrivateKey, value *big.Int, to common.Address, data []byte) *types.Receipt {
	t.Helper()
	return chaintest.Mined(t, client, submit(t, client, key, value, to, data).Hash())
}

// submit sends a transaction. Its gas is not estimated, so that one that reverts
// is mined too.
func submit(t testing.TB, client *ethclient.Client, key *ecdsa.PrivateKey, value *big.Int, to common.Address, data []byte) *types.Transaction {
	t.Helper()
	ctx := patient(t)
	from := crypto.PubkeyToAddress(key.PublicKey)
	nonce, err := client.PendingNonceAt(ctx, from)
	if err != nil {
		t.Fatal(err)
	}
	price, err := client.SuggestGasPrice(ctx)
	if err != nil {
		t.Fatal(err)
	}
	id, err := client.ChainID(ctx)
	if err != nil {
		t.Fatal(err)
	}
	tx, err := types.SignNewTx(key, types.LatestSignerForChainID(id), &types.LegacyTx{
		Nonce: nonce, GasPrice: price.Mul(price, big.NewInt(2)), Gas: 5_000_000, To: &to, Value: value, Data: data,
	})
	if err != nil {
		t.Fatal(err)
	}
	chaintest.Send(t, client, tx)
	return tx
}
