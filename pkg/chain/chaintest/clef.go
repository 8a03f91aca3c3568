package chaintest

import (
	"crypto/rand"
	"encoding/json"
	"io"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/accounts/keystore"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/rpc"
	"github.com/ethereum/go-ethereum/signer/core/apitypes"
	"github.com/opengpu-network/templates/pkg/programtest"
)

// Rules are what the human in front of a signer does. They are called from
// other goroutines.
type Rules struct {
	// ChainID is the one that the signer signs for; 0 is 1337.
	ChainID int64
	// ApproveTx says whether a transaction is signed, and may change it before.
	// Without it, each is signed as it is.
	ApproveTx func(*apitypes.SendTxArgs) bool
	// ApproveListing says whether the accounts are shown. Without it, they are.
	ApproveListing func() bool
}

// Clef is the signer of go-ethereum, with one account.
type Clef struct {
	Account common.Address
	// URL is its address over HTTP, Socket the path of its Unix socket.
	URL, Socket string

	process *process
}

// Log is what the signer has logged.
func (c *Clef) Log() string { return c.process.log.String() }

// Kill ends the signer at once.
func (c *Clef) Kill() { c.process.Kill() }

// StartClef starts a signer that keeps a key, 64 hex digits, and waits until it
// listens. All of it is gone when the test ends. The test fails when it cannot
// be started.
func StartClef(t testing.TB, key string, rules Rules) *Clef {
	t.Helper()
	// The path of a socket must be shorter than the test's own folder may be.
	dir, err := os.MkdirTemp("", "clef-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	password := rand.Text()
	c := &Clef{Account: storeKey(t, filepath.Join(dir, "keystore"), key, password)}

	command := exec.Command(programtest.Build(t, folder, "clef"),
		"--stdio-ui", "--suppress-bootwarn", "--advanced", "--nousb", "--lightkdf",
		"--chainid", big.NewInt(orDefault(rules.ChainID)).String(),
		"--keystore", filepath.Join(dir, "keystore"), "--configdir", dir, "--ipcpath", dir,
		"--4bytedb-custom", filepath.Join(dir, "4byte.json"), "--auditlog", "",
		"--http", "--http.addr", "127.0.0.1", "--http.port", "0")
	command.Env = append(os.Environ(), "HOME="+dir)
	stdin, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	// Not StdoutPipe: it is closed as soon as the process ends, while it is read.
	stdout, output := io.Pipe()
	command.Stdout = output
	c.process = start(t, command)

	human := &human{rules: rules, password: password, started: make(chan startup, 1)}
	server := rpc.NewServer()
	if err := server.RegisterName("ui", human); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	t.Cleanup(func() { _ = stdout.Close() })
	go server.ServeCodec(rpc.NewCodec(stdio{stdout, stdin}), 0)

	select {
	case info := <-human.started:
		c.URL, c.Socket = info.Info.HTTP, info.Info.IPC
	case <-c.process.Done():
		t.Fatalf("clef ended before it listened; its log:\n%s", c.Log())
	case <-time.After(startLimit):
		t.Fatalf("clef does not listen; its log:\n%s", c.Log())
	}
	return c
}

func orDefault(chainID int64) int64 {
	if chainID == 0 {
		return 1337
	}
	return chainID
}

// storeKey writes a keystore file, and returns the key's account.
func storeKey(t testing.TB, dir, text, password string) common.Address {
	t.Helper()
	private, err := crypto.HexToECDSA(text)
	if err != nil {
		t.Fatal(err)
	}
	key := &keystore.Key{Address: crypto.PubkeyToAddress(private.PublicKey), PrivateKey: private}
	if _, err := rand.Read(key.Id[:]); err != nil {
		t.Fatal(err)
	}
	content, err := keystore.EncryptKey(key, password, 2, 1) // as cheap as can be
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "key.json"), content, 0o600); err != nil {
		t.Fatal(err)
	}
	return key.Address
}

// stdio is the signer's standard input and output.
type stdio struct {
	io.ReadCloser
	io.WriteCloser
}

func (s stdio) Close() error {
	_ = s.ReadCloser.Close()
	return s.WriteCloser.Close()
}

func (s stdio) SetWriteDeadline(time.Time) error { return nil }

// human answers what the signer asks its user interface: each method is one of
// the protocol's.
type human struct {
	rules    Rules
	password string
	started  chan startup
}

type startup struct {
	Info struct {
		HTTP string `json:"extapi_http"`
		IPC  string `json:"extapi_ipc"`
	} `json:"info"`
}

type approval struct {
	Transaction apitypes.SendTxArgs `json:"transaction"`
	Approved    bool                `json:"approved"`
}

// ApproveTx is asked for each transaction.
func (h *human) ApproveTx(request approval) approval {
	request.Approved = h.rules.ApproveTx == nil || h.rules.ApproveTx(&request.Transaction)
	return request
}

type listing struct {
	Accounts []json.RawMessage `json:"accounts"`
}

// ApproveListing is asked when the accounts are asked for. No list at all is a
// refusal.
func (h *human) ApproveListing(request listing) listing {
	if h.rules.ApproveListing == nil || h.rules.ApproveListing() {
		return request
	}
	return listing{}
}

type input struct {
	Text string `json:"text"`
}

// OnInputRequired is asked for the password of the account.
func (h *human) OnInputRequired(json.RawMessage) input { return input{h.password} }

// OnSignerStartup tells where the signer listens.
func (h *human) OnSignerStartup(info startup) { h.started <- info }

// OnApprovedTx, ShowInfo and ShowError tell the human what he need not answer.
func (h *human) OnApprovedTx(json.RawMessage) {}

// ShowInfo is like OnApprovedTx.
func (h *human) ShowInfo(json.RawMessage) {}

// ShowError is like OnApprovedTx.
func (h *human) ShowError(json.RawMessage) {}
