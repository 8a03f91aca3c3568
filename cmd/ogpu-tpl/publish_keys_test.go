package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rand"
	"encoding/hex"
	"io/fs"
	"math/big"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/accounts/keystore"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/params"
	"github.com/opengpu-network/templates/pkg/chain/chaintest"
	"github.com/opengpu-network/templates/pkg/devnet"
)

// holder is a publisher with a key of his own.
type holder struct {
	*stage
	key, password  string
	file           string // with the key, encrypted
	program        string // as it is installed
	programs, dump string // a folder with a git that tells its environment, and that of its parent
	seen           bytes.Buffer
}

func newHolder(t *testing.T) *holder {
	t.Helper()
	beside(t)
	key, err := crypto.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	account := crypto.PubkeyToAddress(key.PublicKey)
	s := newStage(t, devnet.Options{Balances: map[common.Address]*big.Int{account: big.NewInt(params.Ether)}})
	h := &holder{stage: s, key: hex.EncodeToString(crypto.FromECDSA(key)), password: "pass " + rand.Text(), program: filepath.Join(installation(t), "ogpu-tpl"), programs: t.TempDir()}
	h.file, h.dump = filepath.Join(t.TempDir(), "key.json"), filepath.Join(h.programs, "environment")
	h.write(filepath.Join(s.dir, "publishers.yaml"), `devnet: {client: "`+account.Hex()+`"}`)
	h.write(h.file, encrypted(t, key, h.password))
	h.write(filepath.Join(h.programs, "git"), "#!/bin/sh\nenv >> "+h.dump+"\ncat /proc/self/environ /proc/$PPID/environ >> "+h.dump+"\nexit 1\n")
	if err := os.Chmod(filepath.Join(h.programs, "git"), 0o700); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *holder) write(file, text string) {
	h.t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		h.t.Fatal(err)
	}
}

// encrypted is a keystore with the key.
func encrypted(t *testing.T, private *ecdsa.PrivateKey, password string) string {
	t.Helper()
	key := &keystore.Key{Address: crypto.PubkeyToAddress(private.PublicKey), PrivateKey: private}
	if _, err := rand.Read(key.Id[:]); err != nil {
		t.Fatal(err)
	}
	content, err := keystore.EncryptKey(key, password, 2, 1) // as cheap as can be
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// publish runs the program in a process of its own, which has the variables in its
// environment.
func (h *holder) publish(status int, want string, env []string, args ...string) {
	h.t.Helper()
	args = append([]string{"publish", "echo", "--network", "devnet"}, args...)
	for i := 0; i < len(h.flags); i += 2 {
		if !strings.Contains(strings.Join(args, " "), h.flags[i]+" ") {
			args = append(args, h.flags[i:i+2]...)
		}
	}
	command := exec.CommandContext(h.t.Context(), h.program, args...)
	command.Dir = h.dir
	command.Env = append(os.Environ(), append([]string{asProgram + "=yes", "PATH=" + h.programs + ":" + os.Getenv("PATH")}, env...)...)
	out, err := command.CombinedOutput()
	if code := command.ProcessState.ExitCode(); code != status || !strings.Contains(string(out), want) {
		h.t.Errorf("%v: status %d, want %d and %q: %v\n%s", args, code, status, want, err, out)
	}
	h.seen.Write(out)
}

// nothingShows looks for the secrets in all that was said, written or handed on.
func (h *holder) nothingShows() {
	h.t.Helper()
	if text, err := os.ReadFile(h.dump); err != nil || len(text) == 0 {
		h.t.Errorf("git was not run: %v", err)
	}
	texts := map[string][]byte{"output": h.seen.Bytes()}
	for _, dir := range []string{h.dir, h.programs} {
		err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() {
				return err
			}
			texts[name], err = os.ReadFile(name)
			return err
		})
		if err != nil {
			h.t.Fatal(err)
		}
	}
	raw, _ := hex.DecodeString(h.key)
	number := new(big.Int).SetBytes(raw).String()
	for name, text := range texts {
		for _, secret := range []string{h.key, strings.ToUpper(h.key), h.key[:40], h.key[24:], h.password, string(raw), number} {
			if bytes.Contains(text, []byte(secret)) {
				h.t.Errorf("%s holds the key or the password:\n%s", name, text)
			}
		}
	}
}

// TestKeysStayHidden publishes with every kind of signer, and has everything go
// wrong that can. Neither the key nor the password comes to light.
func TestKeysStayHidden(t *testing.T) {
	h := newHolder(t)
	key, password := []string{"CLIENT_PRIVATE_KEY=" + h.key}, []string{"OGPU_KEYSTORE_PASSWORD=" + h.password}
	other, err := crypto.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	passwordFile := filepath.Join(filepath.Dir(h.file), "password")
	h.write(passwordFile, h.password+"\n")
	stranger := filepath.Join(filepath.Dir(h.file), "stranger.json")
	h.write(stranger, encrypted(t, other, h.password))

	// What goes wrong before there is anything to send.
	h.publish(statusUsage, "nobody signs", nil)
	h.publish(statusUsage, "set OGPU_KEYSTORE_PASSWORD", key, "--keystore", h.file)
	h.publish(statusUsage, "not both", append(key, password...), "--keystore", h.file, "--signer", "x")
	h.publish(statusFailed, "the password does not open", []string{"OGPU_KEYSTORE_PASSWORD=" + h.password + "?"}, "--keystore", h.file)
	h.publish(statusFailed, "would sign, and the client of the devnet is", password, "--keystore", stranger)
	h.publish(statusFailed, "no hex digit", []string{"CLIENT_PRIVATE_KEY=" + h.key[:63] + "g"})
	h.publish(statusFailed, "65 hex digits", []string{"CLIENT_PRIVATE_KEY=" + h.key + "0"})
	// The key in the place of something else.
	h.publish(statusFailed, "it looks like a key", password, "--keystore", h.key)
	h.publish(statusFailed, "it looks like a key", nil, "--signer", "0x"+h.key)
	h.publish(statusUsage, "is not encrypted", key, "--rpc-url", "http://example.com")
	h.publish(statusFailed, "limit is 5", key, "--max-gas", "5")
	h.publish(statusFailed, "limit is 0.000001", key, "--max-cost", "0.000001")
	// A policy that looks at the environment.
	policies := t.TempDir()
	h.write(filepath.Join(policies, "curious.rego"), "package curious\n\nkeys := opa.runtime().env\n")
	h.publish(statusFailed, "", key, "--policies", policies)
	// The chain refuses, the host fails, the gateway lies.
	h.happen("refuse it is Sunday")
	h.publish(statusFailed, "it is Sunday", key)
	h.happen("refuse")
	h.node.OnPinning = func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		http.Error(w, "no", http.StatusForbidden)
	}
	h.publish(statusFailed, "403", key)
	h.node.OnPinning = nil
	if n := len(h.sources()); n != 0 {
		t.Fatalf("%d sources", n)
	}

	// And what goes well, each with another signer.
	h.publish(statusClean, "echo 1.0.0 is on the devnet", []string{"CLIENT_PRIVATE_KEY=  0x" + h.key + "\n"})
	h.manifest(map[string]any{"version": "1.0.1"})
	h.publish(statusClean, "echo 1.0.1 is on the devnet", key)
	h.manifest(map[string]any{"version": "1.0.2"})
	h.publish(statusClean, "echo 1.0.2 is on the devnet", password, "--keystore", h.file)
	h.manifest(map[string]any{"version": "1.0.3"})
	h.publish(statusClean, "echo 1.0.3 is on the devnet", key, "--keystore", h.file, "--password-file", passwordFile)
	h.publish(statusClean, "There is nothing to do", key)
	h.nothingShows()
}

// TestPublishWithClef has go-ethereum's own signer sign, which alone has the key.
func TestPublishWithClef(t *testing.T) {
	h := newHolder(t)
	clef := chaintest.StartClef(t, h.key, chaintest.Rules{ChainID: devnet.DefaultChainID})
	h.publish(statusClean, "echo 1.0.0 is on the devnet", nil, "--signer", clef.Socket)
	h.manifest(map[string]any{"version": "1.1.0"})
	h.publish(statusClean, "echo 1.1.0 is on the devnet", nil, "--signer", clef.URL)
	clef.Kill()
	h.manifest(map[string]any{"version": "1.2.0"})
	h.publish(statusFailed, "the signer", nil, "--signer", clef.URL)
	h.nothingShows()
}
