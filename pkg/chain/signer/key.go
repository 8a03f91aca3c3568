package signer

import (
	"context"
	"crypto/ecdsa"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
)

// keyBytes is how long a private key is.
const keyBytes = 32

// FromKey returns a signer with a private key, written as the SDK takes it in
// CLIENT_PRIVATE_KEY: 64 hex digits, with or without 0x, and white space around
// it. Errors are of type *Error.
func FromKey(text string) (Signer, error) {
	digits := strings.TrimSpace(text)
	if prefix := digits[:min(2, len(digits))]; prefix == "0x" || prefix == "0X" {
		digits = digits[2:]
	}
	for _, r := range digits {
		if !strings.ContainsRune("0123456789abcdefABCDEF", r) {
			return nil, fail(BadKey, "the private key holds something that is no hex digit")
		}
	}
	switch len(digits) {
	case 2 * keyBytes:
	case 0:
		return nil, fail(BadKey, "the private key is empty")
	case 2 * common.AddressLength:
		return nil, fail(BadKey, "the private key has %d hex digits, as an address has", len(digits))
	default:
		return nil, fail(BadKey, "the private key has %d hex digits", len(digits))
	}
	key, err := hex.DecodeString(digits)
	if err != nil {
		return nil, fail(BadKey, "the private key is not hexadecimal")
	}
	return fromBytes(key, BadKey, "the private key", "a private key")
}

// fromBytes takes a key over, and overwrites its bytes. What names it in errors,
// and shown in the signer's own name.
func fromBytes(key []byte, kind Kind, what, shown string) (Signer, error) {
	defer clear(key)
	number := new(big.Int).SetBytes(key)
	switch {
	case len(key) != keyBytes:
		return nil, fail(kind, "%s does not have %d bytes", what, keyBytes)
	case number.Sign() == 0:
		return nil, fail(kind, "%s is zero", what)
	case number.Cmp(crypto.S256().Params().N) >= 0:
		return nil, fail(kind, "%s is too large: it must be below the order of the curve secp256k1", what)
	}
	private, err := crypto.ToECDSA(key)
	if err != nil {
		return nil, fail(kind, "%s is not valid", what)
	}
	return newLocal(private, shown), nil
}

// local signs with a key in this process.
type local struct {
	account common.Address
	shown   string
	// sign holds the key where nothing that prints values looks.
	sign func(*types.Transaction, types.Signer) (*types.Transaction, error)
}

func newLocal(key *ecdsa.PrivateKey, shown string) *local {
	return &local{
		account: crypto.PubkeyToAddress(key.PublicKey),
		shown:   shown,
		sign: func(tx *types.Transaction, rules types.Signer) (*types.Transaction, error) {
			return types.SignTx(tx, rules, key)
		},
	}
}

func (l *local) Address() common.Address { return l.account }
func (l *local) String() string          { return fmt.Sprintf("%s (%s)", l.shown, l.account) }
func (l *local) GoString() string        { return l.String() }

func (l *local) Sign(ctx context.Context, tx *types.Transaction, chainID *big.Int) (*types.Transaction, error) {
	rules, err := prepare(ctx, tx, chainID)
	if err != nil {
		return nil, err
	}
	signed, err := l.sign(tx, rules)
	if err != nil {
		return nil, fail(BadTransaction, "%s cannot sign the transaction", l)
	}
	if err := verify(rules, tx, signed, l.account, l.String()); err != nil {
		return nil, err
	}
	return signed, nil
}
