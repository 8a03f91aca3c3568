package chaintest

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/ethclient"
	"github.com/ethereum/go-ethereum/params"
	"github.com/opengpu-network/templates/pkg/programtest"
)

// Options say what chain a node has.
type Options struct {
	// ChainID is 1337 when it is 0.
	ChainID uint64
	// Alloc are the accounts and contracts in the genesis block, balances in wei,
	// beside the node's own account.
	Alloc types.GenesisAlloc
	// Cancun makes the chain one of that fork. Without it, it stops at Paris: no
	// PUSH0, no withdrawals, no blobs.
	Cancun bool
}

// Geth is a node in a process of its own, with a chain of its own on disk. It
// makes a block of each transaction at once.
type Geth struct {
	// Account has a million coins, and Key is its private key, 64 hex digits.
	Account common.Address
	Key     string
	ChainID *big.Int

	program string
	dir     string
	address string // of its HTTP server
	process *process
}

// StartGeth starts a node and waits until it answers. All of it is gone when the
// test ends. The test fails when it cannot be started.
func StartGeth(t testing.TB, options Options) *Geth {
	t.Helper()
	key, err := crypto.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	if options.ChainID == 0 {
		options.ChainID = 1337
	}
	g := &Geth{
		Account: crypto.PubkeyToAddress(key.PublicKey),
		Key:     hex.EncodeToString(crypto.FromECDSA(key)),
		ChainID: new(big.Int).SetUint64(options.ChainID),
		program: programtest.Build(t, folder, "geth"),
		dir:     t.TempDir(),
		address: "127.0.0.1:0",
	}
	genesis := filepath.Join(g.dir, "genesis.json")
	content, err := json.Marshal(g.genesis(options))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(genesis, content, 0o600); err != nil {
		t.Fatal(err)
	}
	initialise := exec.Command(g.program, "init", "--datadir", g.data(), genesis)
	if out, err := initialise.CombinedOutput(); err != nil {
		t.Fatalf("geth init: %v\n%s", err, out)
	}
	g.start(t)
	return g
}

func (g *Geth) data() string { return filepath.Join(g.dir, "data") }

// RPCURL is where the node answers JSON-RPC, http://127.0.0.1:PORT. It stays the
// same for as long as the test runs.
func (g *Geth) RPCURL() string { return "http://" + g.address }

// Log is what the node has logged since it was last started.
func (g *Geth) Log() string { return g.process.log.String() }

// Stop ends the node in order: what it has, it writes to the disk.
func (g *Geth) Stop() { g.process.Stop(syscall.SIGINT, stopLimit) }

// Kill ends the node at once, as a power cut would. It may lose its last blocks.
func (g *Geth) Kill() { g.process.Kill() }

// Restart ends the node in order, if it runs, and starts it again with the same
// chain at the same address.
func (g *Geth) Restart(t testing.TB) {
	t.Helper()
	g.Stop()
	g.start(t)
}

// genesis is the first block: every fork up to Paris, or up to Cancun.
func (g *Geth) genesis(options Options) *core.Genesis {
	zero, zeroTime := new(big.Int), new(uint64)
	config := &params.ChainConfig{
		ChainID: g.ChainID, HomesteadBlock: zero, EIP150Block: zero, EIP155Block: zero, EIP158Block: zero,
		ByzantiumBlock: zero, ConstantinopleBlock: zero, PetersburgBlock: zero, IstanbulBlock: zero,
		BerlinBlock: zero, LondonBlock: zero, TerminalTotalDifficulty: zero,
	}
	if options.Cancun {
		config.ShanghaiTime, config.CancunTime = zeroTime, zeroTime
		config.BlobScheduleConfig = &params.BlobScheduleConfig{Cancun: params.DefaultCancunBlobConfig}
	}
	coins := new(big.Int).Mul(big.NewInt(1_000_000), big.NewInt(params.Ether))
	alloc := types.GenesisAlloc{g.Account: {Balance: coins}}
	for account, holds := range options.Alloc {
		if holds.Balance == nil {
			holds.Balance = zero
		}
		alloc[account] = holds
	}
	return &core.Genesis{
		Config: config, GasLimit: 30_000_000, BaseFee: big.NewInt(params.InitialBaseFee), Difficulty: zero, Alloc: alloc,
	}
}

var httpStarted = regexp.MustCompile(`HTTP server started" endpoint=(127\.0\.0\.1:[0-9]+)`)

// start runs the node until it answers. Its port was free a moment ago when it
// ran before; when it was taken in between, it is tried for again.
func (g *Geth) start(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), startLimit)
	defer cancel()
	for {
		g.process = start(t, g.command())
		err := g.wait(ctx)
		if err == nil {
			return
		}
		if ctx.Err() != nil || !strings.Contains(g.Log(), "address already in use") {
			t.Fatalf("geth does not answer: %v; its log:\n%s", err, g.Log())
		}
		g.process.Kill()
		time.Sleep(lookAgain)
	}
}

func (g *Geth) command() *exec.Cmd {
	host, port, _ := strings.Cut(g.address, ":")
	command := exec.Command(g.program, "--datadir", g.data(), "--dev", "--lightkdf", "--nousb", "--ipcdisable",
		"--nodiscover", "--nat", "none", "--maxpeers", "0", "--cache", "64", "--log.format", "logfmt",
		"--http", "--http.addr", host, "--http.port", port, "--http.api", "eth,net,web3,txpool,debug")
	command.Env = append(os.Environ(), "HOME="+g.dir)
	return command
}

// wait returns when the node answers at its address, which it learns from the
// log.
func (g *Geth) wait(ctx context.Context) error {
	for {
		err := g.look(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-g.process.Done():
			return err
		case <-time.After(lookAgain):
		}
	}
}

func (g *Geth) look(ctx context.Context) error {
	match := httpStarted.FindStringSubmatch(g.Log())
	if match == nil {
		return errors.New("it has not logged that its HTTP server listens")
	}
	g.address = match[1]
	client, err := ethclient.DialContext(ctx, g.RPCURL())
	if err != nil {
		return err
	}
	defer client.Close()
	_, err = client.ChainID(ctx)
	return err
}
