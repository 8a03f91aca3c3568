// Package signer signs transactions with a key that nobody gets to see: one
// from the environment, one in a keystore file, or one that an external signer
// such as clef keeps. Whatever signed, the signed transaction is compared with
// the one that was asked for before anybody may send it.
package signer

import (
	"context"
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
)

// Signer signs transactions for one account. It never shows its key, however it
// is printed. Signers may be used at the same time.
type Signer interface {
	// Address is the account that it signs for.
	Address() common.Address
	// Sign returns the transaction signed for the chain. It differs from tx in
	// nothing but the signature, which is the account's. Legacy transactions,
	// those with an access list and those with dynamic fees are signed; chainID
	// must be the transaction's own where it holds one. Errors are of type *Error.
	Sign(ctx context.Context, tx *types.Transaction, chainID *big.Int) (*types.Transaction, error)
	// String names the kind of signer and the account, never the key.
	String() string
}

// prepare checks that a transaction can be signed as it is, and returns the
// chain's rules for it.
func prepare(ctx context.Context, tx *types.Transaction, chainID *big.Int) (types.Signer, error) {
	if ctx.Err() != nil {
		return nil, ended(ctx, "the transaction was not signed")
	}
	switch {
	case tx == nil:
		return nil, fail(BadTransaction, "there is no transaction to sign")
	case tx.Type() > types.DynamicFeeTxType:
		return nil, fail(BadTransaction, "a transaction of type %d is not signed here", tx.Type())
	case chainID == nil || chainID.Sign() <= 0:
		return nil, fail(BadTransaction, "the transaction has no chain id, and would be valid on every chain")
	case tx.Type() != types.LegacyTxType && tx.ChainId().Cmp(chainID) != 0:
		return nil, fail(BadTransaction, "the transaction is for chain %s and not for chain %s", short(tx.ChainId()), short(chainID))
	}
	// The library leaves out of the hash what it cannot encode.
	for _, number := range []*big.Int{chainID, tx.Value(), tx.GasPrice(), tx.GasFeeCap(), tx.GasTipCap()} {
		if number.Sign() < 0 || number.BitLen() > 256 {
			return nil, fail(BadTransaction, "the transaction holds a number that is negative or has more than 256 bits")
		}
	}
	return types.LatestSignerForChainID(chainID), nil
}

// short writes a number that may be absurdly long.
func short(number *big.Int) string {
	if number.BitLen() > 256 {
		return fmt.Sprintf("a number of %d bits", number.BitLen())
	}
	return number.String()
}
