package devnet_test

import (
	"errors"
	"math/big"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/opengpu-network/templates/pkg/chain/chaintest"
	"github.com/opengpu-network/templates/pkg/devnet"
)

func TestLegacy(t *testing.T) {
	d := start(t, devnet.Options{Legacy: true})
	client := dial(t, d)
	ctx := patient(t)
	for range 3 {
		published := publish(t, client, d, devnet.Key(), params(devnet.Account))
		if got := sourceParams(t, client, published).Client; got != devnet.Account {
			t.Errorf("the client is %s", got)
		}
	}
	head, err := client.HeaderByNumber(ctx, nil)
	if err != nil || head.BaseFee != nil || head.Number.Uint64() != 4 {
		t.Fatalf("the newest block is %v, with the base fee %v (%v)", head.Number, head.BaseFee, err)
	}
	if price, err := client.SuggestGasPrice(ctx); err != nil || price.Sign() <= 0 {
		t.Errorf("the gas price is %v (%v)", price, err)
	}
	tx, err := types.SignNewTx(devnet.Key(), types.NewLondonSigner(big.NewInt(devnet.DefaultChainID)), &types.DynamicFeeTx{
		ChainID: big.NewInt(devnet.DefaultChainID), Nonce: 3, GasTipCap: big.NewInt(1), GasFeeCap: big.NewInt(1e10), Gas: 21000, To: &common.Address{1},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := client.SendTransaction(ctx, tx); err == nil || !strings.Contains(err.Error(), "transaction type not supported") {
		t.Errorf("a transaction that names a base fee: %v", err)
	}
}

func TestLegacyManualAndFork(t *testing.T) {
	testManualAndFork(t, devnet.Options{Legacy: true, Manual: true})
}

func TestManualAndFork(t *testing.T) { testManualAndFork(t, devnet.Options{Manual: true}) }

func testManualAndFork(t *testing.T, options devnet.Options) {
	d := start(t, options)
	client := dial(t, d)
	ctx := patient(t)
	commit := func() common.Hash {
		t.Helper()
		hash, err := d.Commit()
		if err != nil {
			t.Fatal(err)
		}
		return hash
	}
	parent := commit()
	tx := submit(t, client, devnet.Key(), new(big.Int), common.Address{1}, nil)
	if _, err := client.TransactionReceipt(ctx, tx.Hash()); !errors.Is(err, ethereum.NotFound) {
		t.Errorf("it was mined before Commit (%v)", err)
	}
	if err := d.Fork(parent); err == nil || !strings.Contains(err.Error(), "Rollback") {
		t.Errorf("a fork while a transaction waits: %v", err)
	}
	mined := commit()
	if got := chaintest.Mined(t, client, tx.Hash()); got.BlockHash != mined {
		t.Errorf("it was mined in %s, not in %s", got.BlockHash, mined)
	}
	commit()

	if err := d.Fork(parent); err != nil {
		t.Fatal(err)
	}
	if err := d.Rollback(); err != nil {
		t.Fatal(err)
	}
	if other := commit(); other == mined {
		t.Errorf("the block that replaces %s is the same", mined)
	}
	if _, err := client.TransactionReceipt(ctx, tx.Hash()); !errors.Is(err, ethereum.NotFound) {
		t.Errorf("the transaction is still mined after the fork (%v)", err)
	}
	if head, err := client.BlockNumber(ctx); err != nil || head != 3 {
		t.Errorf("the newest block is %d (%v)", head, err)
	}
	if nonce, err := client.PendingNonceAt(ctx, devnet.Account); err != nil || nonce != 0 {
		t.Errorf("the next nonce is %d (%v)", nonce, err)
	}
	// The same transaction can be sent again.
	if err := client.SendTransaction(ctx, tx); err != nil {
		t.Fatal(err)
	}
	again := commit()
	if got := chaintest.Mined(t, client, tx.Hash()); got.BlockHash != again {
		t.Errorf("it was mined in %s, not in %s", got.BlockHash, again)
	}
	if err := d.Fork(common.Hash{1}); err == nil {
		t.Error("it went back to a block that is not there")
	}
}

func TestRollback(t *testing.T) {
	d := start(t, devnet.Options{Manual: true})
	client := dial(t, d)
	tx := submit(t, client, devnet.Key(), new(big.Int), common.Address{1}, nil)
	if err := d.Rollback(); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Commit(); err != nil {
		t.Fatal(err)
	}
	if _, err := client.TransactionReceipt(patient(t), tx.Hash()); !errors.Is(err, ethereum.NotFound) {
		t.Errorf("what was dropped was mined (%v)", err)
	}
}

// Many at once, also such that wait for one before them, are all mined.
func TestMinedAtOnce(t *testing.T) {
	for _, legacy := range []bool{false, true} {
		d := start(t, devnet.Options{Legacy: legacy})
		client := dial(t, d)
		ctx := patient(t)
		signer := types.LatestSignerForChainID(big.NewInt(devnet.DefaultChainID))
		const count = 40
		var hashes []common.Hash
		for i := range count {
			// In pairs that are the wrong way round.
			tx, err := types.SignNewTx(devnet.Key(), signer, &types.LegacyTx{
				Nonce: uint64(i ^ 1), GasPrice: big.NewInt(1e10), Gas: 21000, To: &common.Address{1}, Value: big.NewInt(1),
			})
			if err == nil {
				err = client.SendTransaction(ctx, tx)
			}
			if err != nil {
				t.Fatal(err)
			}
			hashes = append(hashes, tx.Hash())
		}
		for _, hash := range hashes {
			chaintest.Mined(t, client, hash)
		}
		if has, err := client.BalanceAt(ctx, common.Address{1}, nil); err != nil || has.Int64() != count {
			t.Errorf("the receiver has %v (%v)", has, err)
		}
	}
}

// A transaction that pays too little waits, and blocks are not made in vain.
func TestTooCheap(t *testing.T) {
	d := start(t, devnet.Options{})
	client := dial(t, d)
	ctx := patient(t)
	signer := types.LatestSignerForChainID(big.NewInt(devnet.DefaultChainID))
	tx, err := types.SignNewTx(devnet.Key(), signer, &types.LegacyTx{Nonce: 0, GasPrice: big.NewInt(2e6), Gas: 21000, To: &common.Address{1}})
	if err == nil {
		err = client.SendTransaction(ctx, tx)
	}
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := d.RemoveSource(ctx, common.Address{}); err == nil {
			t.Fatal("what is no source was removed")
		}
		if _, err := d.Refuse(ctx, ""); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := client.TransactionReceipt(ctx, tx.Hash()); !errors.Is(err, ethereum.NotFound) {
		t.Errorf("it was mined (%v)", err)
	}
	if head, err := client.BlockNumber(ctx); err != nil || head > 6 {
		t.Errorf("%d blocks for two transactions (%v)", head, err)
	}
}
