package signer

import (
	"bytes"
	"fmt"
	"math/big"
	"slices"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
)

// verify checks that signed is asked with a signature of the account. Who names
// the signer.
func verify(rules types.Signer, asked, signed *types.Transaction, account common.Address, who string) error {
	if change := firstChange(rules, asked, signed); change != "" {
		return fail(Changed, "%s changed %s", who, change)
	}
	// What is signed is exactly what this hash covers, the fields above and any
	// other.
	if rules.Hash(signed) != rules.Hash(asked) {
		return fail(Changed, "%s changed the transaction", who)
	}
	sender, err := types.Sender(rules, signed)
	if err != nil {
		return fail(WrongSignature, "%s gave a signature that is not valid", who)
	}
	if sender != account {
		return fail(WrongSignature, "%s gave a signature of %s and not of %s", who, sender, account)
	}
	return nil
}

// firstChange names the first field in which signed differs from what was asked
// for, with both values; it is empty when there is none.
func firstChange(rules types.Signer, asked, signed *types.Transaction) string {
	if asked.Type() != signed.Type() {
		return fmt.Sprintf("the type of transaction from %d to %d", asked.Type(), signed.Type())
	}
	if !signed.Protected() {
		return fmt.Sprintf("the chain id from %s to none", rules.ChainID())
	}
	for _, field := range []struct {
		name     string
		from, to string
	}{
		{"the chain id", short(rules.ChainID()), short(signed.ChainId())},
		{"the nonce", fmt.Sprint(asked.Nonce()), fmt.Sprint(signed.Nonce())},
		{"the receiver", receiver(asked.To()), receiver(signed.To())},
		{"the value in wei", short(asked.Value()), short(signed.Value())},
		{"the gas limit", fmt.Sprint(asked.Gas()), fmt.Sprint(signed.Gas())},
	} {
		if field.from != field.to {
			return fmt.Sprintf("%s from %s to %s", field.name, field.from, field.to)
		}
	}
	if change := changedFees(asked, signed); change != "" {
		return change
	}
	if from, to := asked.Data(), signed.Data(); !bytes.Equal(from, to) {
		if len(from) == len(to) {
			return fmt.Sprintf("the data, which has %d bytes", len(from))
		}
		return fmt.Sprintf("the data from %d bytes to %d others", len(from), len(to))
	}
	sameEntry := func(a, b types.AccessTuple) bool {
		return a.Address == b.Address && slices.Equal(a.StorageKeys, b.StorageKeys)
	}
	if from, to := asked.AccessList(), signed.AccessList(); !slices.EqualFunc(from, to, sameEntry) {
		return fmt.Sprintf("the access list from %d entries to %d others", len(from), len(to))
	}
	return ""
}

// changedFees compares what a transaction pays for gas.
func changedFees(asked, signed *types.Transaction) string {
	compare := func(name string, from, to *big.Int) string {
		if from.Cmp(to) == 0 {
			return ""
		}
		return fmt.Sprintf("%s from %s to %s", name, short(from), short(to))
	}
	if asked.Type() != types.DynamicFeeTxType {
		return compare("the gas price in wei", asked.GasPrice(), signed.GasPrice())
	}
	if change := compare("the fee cap in wei", asked.GasFeeCap(), signed.GasFeeCap()); change != "" {
		return change
	}
	return compare("the priority fee in wei", asked.GasTipCap(), signed.GasTipCap())
}

// receiver writes the address that a transaction goes to.
func receiver(to *common.Address) string {
	if to == nil {
		return "a new contract"
	}
	return to.Hex()
}
