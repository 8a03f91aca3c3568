package signer

import (
	"context"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
)

func TestFromKey(t *testing.T) {
	for _, text := range []string{key, "0x" + key, "0X" + key, strings.ToUpper(key), " \t" + key + "\r\n", "\n0x" + key + " "} {
		signer, err := FromKey(text)
		if err != nil {
			t.Errorf("%d characters: %v", len(text), err)
			continue
		}
		signsAll(t, signer)
	}
	// The largest key there is.
	if _, err := FromKey(order[:63] + "0"); err != nil {
		t.Error(err)
	}
}

func TestWrongKeys(t *testing.T) {
	for name, test := range map[string]struct{ text, says string }{
		"empty":              {"", "is empty"},
		"white space":        {" \n", "is empty"},
		"0x":                 {"0x", "is empty"},
		"0":                  {"0", "1 hex digits"},
		"too short":          {key[1:], "63 hex digits"},
		"too long":           {key + "0", "65 hex digits"},
		"twice":              {key + key, "128 hex digits"},
		"an address":         {account, "as an address has"},
		"not hex":            {key[:63] + "g", "no hex digit"},
		"twice 0x":           {"0x0x" + key[:62], "no hex digit"},
		"in quotes":          {`"` + key + `"`, "no hex digit"},
		"with its name":      {"CLIENT_PRIVATE_KEY=" + key, "no hex digit"},
		"white space inside": {key[:32] + " " + key[32:], "no hex digit"},
		"other digits":       {key[:63] + "１", "no hex digit"},
		"words":              {"correct horse battery staple", "no hex digit"},
		"not text":           {"\xff\x00" + key, "no hex digit"},
		"zero":               {strings.Repeat("0", 64), "is zero"},
		"the order":          {order, "too large"},
		"above the order":    {strings.Repeat("f", 64), "too large"},
	} {
		t.Run(name, func(t *testing.T) {
			signer, err := FromKey(test.text)
			secrets := []string{key}
			if len(test.text) >= 8 && name != "zero" {
				secrets = append(secrets, test.text)
			}
			failed(t, err, BadKey, secrets...)
			if signer != nil || err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%v does not say %q", err, test.says)
			}
		})
	}
}

func TestTransactionsThatAreNotSigned(t *testing.T) {
	signer, err := FromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	huge := new(big.Int).Lsh(big.NewInt(1), 256)
	for name, test := range map[string]struct {
		data  types.TxData
		chain *big.Int
		says  string
	}{
		"nothing":            {nil, chainID, "no transaction"},
		"no chain":           {&types.LegacyTx{}, nil, "no chain id"},
		"chain 0":            {&types.LegacyTx{}, new(big.Int), "no chain id"},
		"a negative chain":   {&types.LegacyTx{}, big.NewInt(-1), "no chain id"},
		"a huge chain":       {&types.LegacyTx{}, huge, "more than 256 bits"},
		"another chain":      {dynamic(func(tx *types.DynamicFeeTx) { tx.ChainID = big.NewInt(1) }), chainID, "for chain 1 and not for chain 1071"},
		"blobs":              {&types.BlobTx{}, chainID, "type 3"},
		"a delegation":       {&types.SetCodeTx{}, chainID, "type 4"},
		"a negative value":   {dynamic(func(tx *types.DynamicFeeTx) { tx.Value = big.NewInt(-1) }), chainID, "negative"},
		"a huge value":       {dynamic(func(tx *types.DynamicFeeTx) { tx.Value = huge }), chainID, "256 bits"},
		"a huge gas price":   {&types.LegacyTx{GasPrice: huge}, chainID, "256 bits"},
		"a negative fee cap": {dynamic(func(tx *types.DynamicFeeTx) { tx.GasFeeCap = big.NewInt(-1) }), chainID, "negative"},
		"a negative tip":     {dynamic(func(tx *types.DynamicFeeTx) { tx.GasTipCap = big.NewInt(-1) }), chainID, "negative"},
	} {
		t.Run(name, func(t *testing.T) {
			var tx *types.Transaction
			if test.data != nil {
				tx = types.NewTx(test.data)
			}
			signed, err := signer.Sign(t.Context(), tx, test.chain)
			failed(t, err, BadTransaction, key)
			if signed != nil || err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%v does not say %q", err, test.says)
			}
		})
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = signer.Sign(cancelled, types.NewTx(&types.LegacyTx{}), chainID)
	failed(t, err, Interrupted, key)
	late, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	_, err = signer.Sign(late, types.NewTx(&types.LegacyTx{}), chainID)
	failed(t, err, TooSlow, key)
}

func FuzzFromKey(f *testing.F) {
	for _, text := range []string{key, "0x" + key, order, "", "0x", "\x00"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		signer, err := FromKey(text)
		if err == nil {
			digits := strings.TrimSpace(text)
			want, err := crypto.HexToECDSA(digits[len(digits)-64:])
			if err != nil || signer.Address() != crypto.PubkeyToAddress(want.PublicKey) {
				t.Errorf("%s, %v", signer, err)
			}
			return
		}
		if KindOf(err) != BadKey || signer != nil {
			t.Errorf("%v, %v", signer, err)
		}
	})
}
