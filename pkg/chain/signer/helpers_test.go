package signer

import (
	"crypto/ecdsa"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
)

const (
	key     = "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d"
	other   = "289c2857d4598e37fb9647507e47a309d6133539bf21a8b9cb6df88fd5232032"
	account = "0x008AeEda4D805471dF9b2A5B0f38A0C3bCBA786b"
	// order is that of the curve: the smallest number that is no key.
	order = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"
)

var (
	chainID  = big.NewInt(1071)
	contract = common.HexToAddress("0x2b0cC6058313801D5feb184a539e3a0C5A87a6a1")
	list     = types.AccessList{{Address: contract, StorageKeys: []common.Hash{{1}, {2}}}}
)

// transactions are of every type that is signed.
var transactions = map[string]types.TxData{
	"legacy": &types.LegacyTx{Nonce: 3, GasPrice: big.NewInt(7), Gas: 90_000, To: &contract, Value: big.NewInt(5), Data: []byte{1, 2, 3, 4, 5}},
	"access list": &types.AccessListTx{
		ChainID: chainID, Nonce: 3, GasPrice: big.NewInt(7), Gas: 90_000, To: &contract, Data: []byte{1, 2, 3, 4}, AccessList: list,
	},
	"an empty access list": &types.AccessListTx{ChainID: chainID, GasPrice: big.NewInt(7), Gas: 90_000, To: &contract, Data: []byte{1, 2, 3, 4}},
	"dynamic fees":         dynamic(func(*types.DynamicFeeTx) {}),
	"a new contract":       dynamic(func(tx *types.DynamicFeeTx) { tx.To, tx.Data = nil, []byte{0x60, 0, 0x60, 0, 0xf3} }),
	"no data, much money": dynamic(func(tx *types.DynamicFeeTx) {
		tx.Data, tx.Value = nil, new(big.Int).Lsh(big.NewInt(1), 200)
	}),
}

// dynamic is a transaction with something changed.
func dynamic(change func(*types.DynamicFeeTx)) *types.DynamicFeeTx {
	tx := &types.DynamicFeeTx{
		ChainID: chainID, Nonce: 3, GasTipCap: big.NewInt(2), GasFeeCap: big.NewInt(9), Gas: 90_000,
		To: &contract, Value: big.NewInt(5), Data: []byte{1, 2, 3, 4, 5}, AccessList: list,
	}
	change(tx)
	return tx
}

// silent fails the test when a text holds eight characters of a secret.
func silent(t *testing.T, text string, secrets ...string) {
	t.Helper()
	text = strings.ToLower(text)
	for _, secret := range secrets {
		secret = strings.ToLower(secret)
		for i := 0; i+8 <= len(secret); i++ {
			if strings.Contains(text, secret[i:i+8]) {
				t.Errorf("%.600q tells %q", text, secret[i:i+8])
				return
			}
		}
	}
}

// everyForm prints a value in all the ways that programs print values.
func everyForm(t *testing.T, value any) string {
	t.Helper()
	encoded, err := json.Marshal(value)
	if err != nil {
		t.Errorf("as JSON: %v", err)
	}
	in := struct{ Exported, unexported any }{value, value}
	text := string(encoded)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t"} {
		text += fmt.Sprintf(verb+verb, value, in)
	}
	return text
}

// failed checks an error's kind, and that no form of it tells a secret.
func failed(t *testing.T, err error, want Kind, secrets ...string) {
	t.Helper()
	if KindOf(err) != want {
		t.Errorf("the error is %v (%s), and should be %s", err, KindOf(err), want)
	}
	if err == nil {
		return
	}
	if remedies[want] == "" || !strings.HasSuffix(err.Error(), remedies[want]) {
		t.Errorf("%v does not say what to do", err)
	}
	silent(t, everyForm(t, err), secrets...)
}

// signsAll checks that a signer signs everything as types.SignTx does.
func signsAll(t *testing.T, signer Signer) {
	t.Helper()
	if signer.Address() != common.HexToAddress(account) {
		t.Errorf("its address is %s", signer.Address())
	}
	if !strings.Contains(signer.String(), account) {
		t.Errorf("%s does not name the account", signer)
	}
	silent(t, everyForm(t, signer), key)
	rules := types.LatestSignerForChainID(chainID)
	for name, data := range transactions {
		tx := types.NewTx(data)
		signed, err := signer.Sign(t.Context(), tx, chainID)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		sender, err := types.Sender(types.NewCancunSigner(chainID), signed)
		if err != nil || sender != common.HexToAddress(account) || rules.Hash(signed) != rules.Hash(tx) || signed.ChainId().Cmp(chainID) != 0 {
			t.Errorf("%s: signed by %s for chain %s, %v", name, sender, signed.ChainId(), err)
		}
	}
}

func must(t *testing.T, text string) *ecdsa.PrivateKey {
	t.Helper()
	private, err := crypto.HexToECDSA(text)
	if err != nil {
		t.Fatal(err)
	}
	return private
}
