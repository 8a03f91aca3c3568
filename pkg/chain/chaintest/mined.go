package chaintest

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/ethclient"
)

// minedLimit is for a node on a machine with much else to do.
const minedLimit = 3 * time.Minute

// Send hands a transaction to a node. The node's pool learns of a payment a moment after
// it is in the chain: an account that seems to lack coins is tried again.
func Send(t testing.TB, client *ethclient.Client, tx *types.Transaction) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), minedLimit)
	defer cancel()
	err := client.SendTransaction(ctx, tx)
	for err != nil && strings.Contains(err.Error(), "insufficient funds") && ctx.Err() == nil {
		time.Sleep(5 * time.Millisecond)
		err = client.SendTransaction(ctx, tx)
	}
	if err != nil {
		t.Fatalf("%s is not taken: %v", tx.Hash(), err)
	}
}

// Mined waits until a transaction is in the chain, and returns its receipt, however it
// ended. A node has a receipt a moment before the block is its newest, so that a
// question about the newest block could be answered from the one before.
func Mined(t testing.TB, client *ethclient.Client, tx common.Hash) *types.Receipt {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), minedLimit)
	defer cancel()
	for {
		receipt, err := client.TransactionReceipt(ctx, tx)
		if err == nil {
			var head uint64
			if head, err = client.BlockNumber(ctx); err == nil && head >= receipt.BlockNumber.Uint64() {
				return receipt
			}
		}
		if ctx.Err() != nil {
			t.Fatalf("%s is in no block: %v", tx, err)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
