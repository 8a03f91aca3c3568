package signer

import (
	"bufio"
	"context"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/holiman/uint256"
	"github.com/opengpu-network/templates/pkg/fetch"
)

// fake answers JSON-RPC as a signer does, but for the methods that it lies
// about: those are answered with the given JSON members.
func fake(lies map[string]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var request struct {
			ID     json.RawMessage
			Method string
		}
		if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		answer, ok := lies[request.Method]
		switch {
		case ok:
		case request.Method == "account_version":
			answer = `"result": "6.1.0"`
		case request.Method == "account_list":
			answer = fmt.Sprintf(`"result": [%q]`, strings.ToLower(account))
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"jsonrpc": "2.0", "id": %s, %s}`, request.ID, answer)
	}
}

// signed is what a signer answers that signs data with a key.
func signed(t *testing.T, text string, rules types.Signer, data types.TxData) string {
	t.Helper()
	return raw(t, types.MustSignNewTx(must(t, text), rules, data))
}

func raw(t *testing.T, tx *types.Transaction) string {
	t.Helper()
	content, err := tx.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf(`"result": {"raw": %q, "tx": {"hash": "0x00", "lie": true}}`, hexutil.Encode(content))
}

// TestLyingSigners lets a signer sign something else than it was asked for.
func TestLyingSigners(t *testing.T) {
	latest := types.LatestSignerForChainID(chainID)
	asked := dynamic(func(*types.DynamicFeeTx) {})
	otherwise := func(change func(*types.DynamicFeeTx)) string { return signed(t, key, latest, dynamic(change)) }
	legacy := &types.LegacyTx{Nonce: 3, GasPrice: big.NewInt(7), Gas: 90_000, To: &contract, Value: big.NewInt(5)}
	listed := &types.AccessListTx{ChainID: chainID, Nonce: 3, GasPrice: big.NewInt(7), Gas: 90_000, To: &contract, Value: big.NewInt(5)}
	good := types.MustSignNewTx(must(t, key), latest, asked)
	v, r, s := good.RawSignatureValues()
	// The other signature of the same hash, which chains refuse.
	high := dynamic(func(tx *types.DynamicFeeTx) {
		tx.V, tx.R, tx.S = new(big.Int).Xor(v, big.NewInt(1)), r, new(big.Int).Sub(crypto.S256().Params().N, s)
	})
	for name, test := range map[string]struct {
		asked  types.TxData
		answer string
		want   Kind
		says   string
	}{
		"the nonce":        {asked, otherwise(func(tx *types.DynamicFeeTx) { tx.Nonce = 4 }), Changed, "changed the nonce from 3 to 4"},
		"the receiver":     {asked, otherwise(func(tx *types.DynamicFeeTx) { tx.To = &common.Address{1} }), Changed, "changed the receiver from " + contract.Hex() + " to 0x0100000000000000000000000000000000000000"},
		"no receiver":      {asked, otherwise(func(tx *types.DynamicFeeTx) { tx.To = nil }), Changed, "to a new contract"},
		"the value":        {asked, otherwise(func(tx *types.DynamicFeeTx) { tx.Value = big.NewInt(6) }), Changed, "changed the value in wei from 5 to 6"},
		"the gas limit":    {asked, otherwise(func(tx *types.DynamicFeeTx) { tx.Gas = 1 }), Changed, "changed the gas limit from 90000 to 1"},
		"the fee cap":      {asked, otherwise(func(tx *types.DynamicFeeTx) { tx.GasFeeCap = big.NewInt(10) }), Changed, "changed the fee cap in wei from 9 to 10"},
		"the priority fee": {asked, otherwise(func(tx *types.DynamicFeeTx) { tx.GasTipCap = big.NewInt(3) }), Changed, "changed the priority fee in wei from 2 to 3"},
		"the data":         {asked, otherwise(func(tx *types.DynamicFeeTx) { tx.Data = []byte{1, 2, 3, 4, 6} }), Changed, "changed the data, which has 5 bytes"},
		"no data":          {asked, otherwise(func(tx *types.DynamicFeeTx) { tx.Data = nil }), Changed, "changed the data from 5 bytes to 0"},
		"no access list":   {asked, otherwise(func(tx *types.DynamicFeeTx) { tx.AccessList = nil }), Changed, "changed the access list from 1 entries to 0"},
		"a key in the access list": {asked, otherwise(func(tx *types.DynamicFeeTx) {
			tx.AccessList = types.AccessList{{Address: contract, StorageKeys: []common.Hash{{1}, {3}}}}
		}), Changed, "changed the access list"},
		"the chain id": {asked, signed(t, key, types.LatestSignerForChainID(big.NewInt(1)), dynamic(func(tx *types.DynamicFeeTx) { tx.ChainID = big.NewInt(1) })), Changed, "changed the chain id from 1071 to 1"},
		"the type":     {asked, signed(t, key, latest, legacy), Changed, "changed the type of transaction from 2 to 0"},
		"blobs": {asked, signed(t, key, types.NewCancunSigner(chainID), &types.BlobTx{ChainID: uint256.MustFromBig(chainID), Nonce: 3, Gas: 90_000, To: contract}),
			Changed, "from 2 to 3"},
		"a delegation": {asked, signed(t, key, types.NewPragueSigner(chainID), &types.SetCodeTx{ChainID: uint256.MustFromBig(chainID), Nonce: 3, Gas: 90_000, To: contract}),
			Changed, "from 2 to 4"},
		"a legacy transaction's chain id":  {legacy, signed(t, key, types.NewEIP155Signer(big.NewInt(1)), legacy), Changed, "changed the chain id from 1071 to 1"},
		"a legacy transaction's chain":     {legacy, signed(t, key, types.HomesteadSigner{}, legacy), Changed, "changed the chain id from 1071 to none"},
		"a legacy transaction's gas price": {legacy, signed(t, key, latest, &types.LegacyTx{Nonce: 3, GasPrice: big.NewInt(8), Gas: 90_000, To: &contract, Value: big.NewInt(5)}), Changed, "changed the gas price in wei from 7 to 8"},
		"an access list that nobody asked": {listed, signed(t, key, latest, &types.AccessListTx{ChainID: chainID, Nonce: 3, GasPrice: big.NewInt(7), Gas: 90_000, To: &contract, Value: big.NewInt(5), AccessList: list}), Changed, "changed the access list from 0 entries to 1"},
		"absurd numbers":                   {asked, raw(t, types.NewTx(dynamic(func(tx *types.DynamicFeeTx) { tx.Value = new(big.Int).Lsh(big.NewInt(1), 4000) }))), Changed, "a number of 4001 bits"},
		"an absurd signature": {legacy, raw(t, types.NewTx(&types.LegacyTx{
			Nonce: 3, GasPrice: big.NewInt(7), Gas: 90_000, To: &contract, Value: big.NewInt(5),
			V: new(big.Int).Lsh(big.NewInt(1), 4000), R: big.NewInt(1), S: new(big.Int).Lsh(big.NewInt(1), 4000),
		})), BadAnswer, "signed transaction"},
		"no signature":          {asked, raw(t, types.NewTx(asked)), WrongSignature, "not valid"},
		"the mirrored one":      {asked, raw(t, types.NewTx(high)), WrongSignature, "not valid"},
		"another's signature":   {asked, signed(t, other, latest, asked), WrongSignature, "of 0x970E8128AB834E8EAC17Ab8E3812F010678CF791 and not of " + account},
		"another's legacy one":  {legacy, signed(t, other, latest, legacy), WrongSignature, "and not of " + account},
		"no transaction":        {asked, `"result": {"raw": "0xc0"}`, BadAnswer, "signed transaction"},
		"an empty one":          {asked, `"result": {"raw": "0x"}`, BadAnswer, "signed transaction"},
		"none at all":           {asked, `"result": {}`, BadAnswer, "signed transaction"},
		"null":                  {asked, `"result": null`, BadAnswer, "signed transaction"},
		"nothing":               {asked, `"other": 1`, BadAnswer, "as a signer does"},
		"a text":                {asked, `"result": "0x00"`, BadAnswer, "as a signer does"},
		"no hex":                {asked, `"result": {"raw": "zz"}`, BadAnswer, "as a signer does"},
		"more after it":         {asked, strings.Replace(raw(t, good), `", "tx"`, `00", "tx"`, 1), BadAnswer, "signed transaction"},
		"too much":              {asked, `"result": {"raw": "0x` + strings.Repeat("00", maxAnswer) + `"}`, BadAnswer, "more than 1024 KiB"},
		"an error":              {asked, `"error": {"code": -32000, "message": "could not decrypt\u001b[31m key"}`, Refused, `could not decrypt\x1b[31m key`},
		"an endless error":      {asked, `"error": {"code": -32000, "message": "` + strings.Repeat("no ", 90_000) + `"}`, Refused, "no no no"},
		"an error without text": {asked, `"error": {"code": 7}`, Refused, "error 7"},
		"an empty error":        {asked, `"error": {}`, Refused, "refused"},
		"it gave up":            {asked, `"error": {"code": -32002, "message": "request timed out"}`, TooSlow, "30 seconds"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(fake(map[string]string{"account_signTransaction": test.answer}))
			defer server.Close()
			signer, err := External(t.Context(), server.URL, common.HexToAddress(account))
			if err != nil {
				t.Fatal(err)
			}
			tx, err := signer.Sign(t.Context(), types.NewTx(test.asked), chainID)
			failed(t, err, test.want, key)
			if tx != nil || err == nil || !strings.Contains(err.Error(), test.says) || len(err.Error()) > 1500 {
				t.Errorf("%.2000v does not say %q", err, test.says)
			}
		})
	}
	// Proof that the fake would be believed if it did not lie.
	server := httptest.NewServer(fake(map[string]string{"account_signTransaction": raw(t, good)}))
	defer server.Close()
	signer, err := External(t.Context(), server.URL, common.HexToAddress(account))
	if err != nil {
		t.Fatal(err)
	}
	if tx, err := signer.Sign(t.Context(), types.NewTx(asked), chainID); err != nil || tx.Hash() != good.Hash() {
		t.Errorf("%v, %v", tx, err)
	}
}

func TestSignersThatAreNone(t *testing.T) {
	var elsewhere atomic.Int32
	target := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	defer target.Close()
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		want    Kind
		says    string
	}{
		"an old version":    {fake(map[string]string{"account_version": `"result": "5.0.0"`}), OtherVersion, "version 5.0.0 of clef's protocol, which is too old"},
		"a newer version":   {fake(map[string]string{"account_version": `"result": "7.1.0"`}), OtherVersion, "newer"},
		"no version":        {fake(map[string]string{"account_version": `"result": "latest\u001b[0m"`}), BadAnswer, "which is none"},
		"no text":           {fake(map[string]string{"account_version": `"result": 6`}), BadAnswer, "as a signer does"},
		"a node":            {fake(map[string]string{"account_version": `"error": {"code": -32601, "message": "the method account_version does not exist"}`}), BadAnswer, "clef's protocol"},
		"no accounts":       {fake(map[string]string{"account_list": `"result": []`}), NoAccount, "does not show"},
		"null accounts":     {fake(map[string]string{"account_list": `"result": null`}), NoAccount, "does not show"},
		"bad accounts":      {fake(map[string]string{"account_list": `"result": ["0x12"]`}), BadAnswer, "as a signer does"},
		"a denied listing":  {fake(map[string]string{"account_list": `"error": {"code": -32000, "message": "request denied"}`}), Denied, "denied"},
		"too many accounts": {fake(map[string]string{"account_list": `"result": [` + strings.Repeat(`"`+account+`",`, 30_000) + `"` + account + `"]`}), BadAnswer, "1024 KiB"},
		"a redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, target.URL, http.StatusTemporaryRedirect)
		}, BadAnswer, "redirect"},
		"a page":       {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") }, BadAnswer, "as a signer does"},
		"no answer":    {func(http.ResponseWriter, *http.Request) {}, Unreachable, "cannot be asked"},
		"not found":    {http.NotFound, BadAnswer, "status 404"},
		"out of order": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, BadAnswer, "status 502"},
		"an endless page": {func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 1<<16)); err != nil {
					return
				}
			}
		}, BadAnswer, "a signer does"},
		"an endless error page": {func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusInternalServerError)
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 1<<16)); err != nil {
					return
				}
			}
		}, BadAnswer, "status 500"},
		"endless white space": {func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := io.WriteString(w, strings.Repeat(" ", 1<<16)); err != nil {
					return
				}
			}
		}, BadAnswer, "more than 1024 KiB"},
		"a broken connection": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, Unreachable, "cannot be asked"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(test.handler)
			defer server.Close()
			_, err := External(t.Context(), server.URL+"/secret-path?token=secret-token", common.HexToAddress(account))
			failed(t, err, test.want, "secret-path", "secret-token")
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%v does not say %q", err, test.says)
			}
		})
	}
	if elsewhere.Load() != 0 {
		t.Error("a redirect was followed")
	}
}

func TestAddressesOfSigners(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	closed := httptest.NewServer(nil)
	closed.Close()
	plain := httptest.NewServer(fake(nil))
	defer plain.Close()
	for name, test := range map[string]struct {
		address string
		want    Kind
	}{
		"nothing":               {"", BadAddress},
		"plain http":            {"http://signer.example.com:8550", BadAddress},
		"plain http in a LAN":   {"http://192.168.1.5:8550", BadAddress},
		"a name like localhost": {"http://localhost.example.com", BadAddress},
		"a password":            {"https://user:secret-word@signer.example.com", BadAddress},
		"a web socket":          {"wss://signer.example.com", BadAddress},
		"a file URL":            {"file:///etc/passwd", BadAddress},
		"standard input":        {"stdio://", BadAddress},
		"no host":               {"https://", BadAddress},
		"no URL":                {"https://%zz", BadAddress},
		"an opaque one":         {"http:localhost://", BadAddress},
		"a path with nothing":   {filepath.Join(dir, "gone"), Unreachable},
		"no scheme":             {"localhost:8550", Unreachable},
		"a file":                {file, BadAddress},
		"a folder":              {dir, BadAddress},
		"the key":               {key, Unreachable},
		"the key as a host":     {"http://" + key, BadAddress},
		"nobody listens":        {closed.URL, Unreachable},
		"http behind https":     {strings.Replace(plain.URL, "http:", "https:", 1), Unreachable},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := External(t.Context(), test.address, common.HexToAddress(account))
			failed(t, err, test.want, key, "secret-word")
		})
	}
	if err := fetch.OnlyLoopback("tcp", "10.0.0.1:80", nil); err == nil {
		t.Error("localhost may be another machine")
	}
}

func TestEncryptedSigner(t *testing.T) {
	server := httptest.NewTLSServer(fake(nil))
	defer server.Close()
	_, err := External(t.Context(), server.URL, common.HexToAddress(account))
	failed(t, err, Untrusted)

	at, err := parseEndpoint(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	at.roots = x509.NewCertPool()
	at.roots.AddCert(server.Certificate())
	if _, err := newExternal(t.Context(), at, common.HexToAddress(account)); err != nil {
		t.Error(err)
	}
}

// TestSilentSigner waits for one that takes connections and says nothing.
func TestSilentSigner(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer server.Close()
	defer close(release)
	at, err := parseEndpoint(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	at.patience = 50 * time.Millisecond
	_, err = newExternal(t.Context(), at, common.HexToAddress(account))
	failed(t, err, Unreachable)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = External(ctx, server.URL, common.HexToAddress(account))
	failed(t, err, TooSlow)
}

// TestBadSockets lets something else than a signer listen at a socket.
func TestBadSockets(t *testing.T) {
	for name, test := range map[string]struct {
		serve func(net.Conn)
		want  Kind
	}{
		"ends at once":      {func(net.Conn) {}, Unreachable},
		"no JSON":           {func(c net.Conn) { _, _ = io.WriteString(c, "hello\n"); _, _ = io.Copy(io.Discard, c) }, BadAnswer},
		"cut off":           {answer(`{"jsonrpc":"2.0","id":1,"res`), Unreachable},
		"another form":      {answer(`{"jsonrpc":"2.0","id":1,"error":"no"}`), BadAnswer},
		"another result":    {answer(`{"jsonrpc":"2.0","id":1,"result":[6]}`), BadAnswer},
		"no result":         {answer(`{"jsonrpc":"2.0","id":1}`), BadAnswer},
		"endless":           {flood(strings.Repeat(" ", 1<<16)), BadAnswer},
		"one endless text":  {flood(`{"jsonrpc":"2.0","id":1,"result":"` + strings.Repeat("6", 1<<16)), BadAnswer},
		"endless questions": {flood(`{"jsonrpc":"2.0","id":9,"method":"rpc_modules"}` + "\n"), BadAnswer},
		"other answers":     {flood(`{"jsonrpc":"2.0","id":99999,"result":"6.1.0"}` + "\n"), BadAnswer},
		"says nothing":      {func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }, TooSlow},
	} {
		t.Run(name, func(t *testing.T) {
			dir, err := os.MkdirTemp("", "signer-") // sockets have short paths
			if err != nil {
				t.Fatal(err)
			}
			defer os.RemoveAll(dir)
			path := filepath.Join(dir, "socket")
			listener, err := net.Listen("unix", path)
			if err != nil {
				t.Fatal(err)
			}
			defer listener.Close()
			go func() {
				for {
					connection, err := listener.Accept()
					if err != nil {
						return
					}
					go func() {
						defer connection.Close()
						test.serve(connection)
					}()
				}
			}()
			ctx, limit := t.Context(), time.Minute
			if test.want == TooSlow {
				limit = 100 * time.Millisecond
			}
			ctx, cancel := context.WithTimeout(ctx, limit)
			defer cancel()
			_, err = External(ctx, path, common.HexToAddress(account))
			failed(t, err, test.want)
		})
	}
}

// answer reads a request, and says one thing.
func answer(text string) func(net.Conn) {
	return func(c net.Conn) {
		if _, err := bufio.NewReader(c).ReadString('\n'); err == nil {
			_, _ = io.WriteString(c, text)
		}
	}
}

// flood reads a little, and then says the same without end.
func flood(text string) func(net.Conn) {
	return func(c net.Conn) {
		_, _ = c.Read(make([]byte, 10))
		for {
			if _, err := io.WriteString(c, text); err != nil {
				return
			}
		}
	}
}
