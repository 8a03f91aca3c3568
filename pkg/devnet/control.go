package devnet

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"time"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/accounts/abi/bind/v2"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/ethclient"
	"github.com/ethereum/go-ethereum/rpc"
)

// ownerKey is the key of Nexus's owner, who has an account to himself so that
// he never takes a nonce of Account's. Everybody knows it too.
func ownerKey() *ecdsa.PrivateKey {
	return mustKey("59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d")
}

// RemoveSource takes a source out of the registry's list, which has a hole there
// from then on: the zero address. The real chain has such holes. It returns when
// the transaction is mined, and with Manual mining when it waits for Commit.
func (d *Devnet) RemoveSource(ctx context.Context, source common.Address) (*types.Transaction, error) {
	data, err := NewControls().TryPackRemoveSource(source)
	if err != nil {
		return nil, err
	}
	return d.control(ctx, data)
}

// Refuse makes Nexus refuse every change from then on, with this revert string:
// any that the real chain may have. An empty one ends it. It returns when the
// transaction is mined, and with Manual mining when it waits for Commit.
func (d *Devnet) Refuse(ctx context.Context, reason string) (*types.Transaction, error) {
	data, err := NewControls().TryPackRefuse(reason)
	if err != nil {
		return nil, err
	}
	return d.control(ctx, data)
}

// control sends a transaction of Nexus's owner.
func (d *Devnet) control(ctx context.Context, data []byte) (*types.Transaction, error) {
	d.controls.Lock()
	defer d.controls.Unlock()
	client := ethclient.NewClient(rpc.DialInProc(d.chain.rpc))
	defer client.Close()
	from := bind.NewKeyedTransactor(ownerKey(), d.chain.eth.BlockChain().Config().ChainID)
	from.Context = ctx
	tx, err := bind.Transact(NewControls().Instance(client, d.nexus), from, data)
	if err != nil || d.chain.pending == nil {
		return tx, err
	}
	for {
		receipt, err := client.TransactionReceipt(ctx, tx.Hash())
		if err != nil && !errors.Is(err, ethereum.NotFound) {
			return tx, err
		}
		// The receipt is there a moment before the block is the newest.
		if err == nil && d.chain.eth.BlockChain().CurrentBlock().Number.Cmp(receipt.BlockNumber) >= 0 {
			return tx, nil
		}
		select {
		case <-ctx.Done():
			return tx, ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}
