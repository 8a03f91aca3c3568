package chain

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"
)

// resend is how often a transaction that is in no block is sent again: a node
// may have lost it.
const resend = 5 * time.Second

// delivery is one nonce's way into the chain. All its transactions do the same,
// with higher and higher fees; at most one of them can be mined.
type delivery struct {
	*Sender
	// tx is the newest, and hashes are those of all.
	tx     *types.Transaction
	hashes []common.Hash
	// foreign is true while another transaction of the account seems to hold the
	// nonce, and last is what the endpoint said last.
	foreign bool
	last    error
	// accepted is true once a node has taken one, wasIn while one is in a block,
	// and used while another has the nonce in a block that is not final.
	accepted, wasIn, used bool
	// sent is when the newest was sent last.
	sent time.Time
}

// deliver sends the last of several transactions that do the same with the same
// nonce, until one of them, or another with that nonce, is final. It returns nil
// and the block that this was seen at when it was another. Hashes that were sent
// are added to mine.
func (s *Sender) deliver(ctx context.Context, txs []*types.Transaction, mine *[]common.Hash) (*Sent, uint64, error) {
	tx := txs[len(txs)-1]
	d := &delivery{Sender: s, tx: tx}
	for _, tx := range txs {
		d.hashes = append(d.hashes, tx.Hash())
	}
	defer func() { *mine = append(*mine, d.hashes...) }()
	over := time.Now().Add(s.patience())
	bump := time.Now().Add(s.bump())
	if err := d.send(ctx); err != nil {
		return nil, 0, err
	}
	for pause := newPause(); ; {
		result, seen, err := d.look(ctx)
		var failed *FailedError
		if errors.As(err, &failed) {
			return nil, 0, err
		}
		if err != nil {
			return nil, 0, d.pending(ctx, err)
		}
		if result != nil || seen > 0 {
			return result, seen, nil
		}
		now := time.Now()
		switch {
		case now.After(over):
			return nil, 0, &PendingError{d.tx.Hash(), tx.Nonce(), d.foreign, d.last}
		case d.wasIn, d.used:
		case now.After(bump) && !d.foreign:
			if err := d.raise(ctx); err != nil {
				return nil, 0, d.pending(ctx, err)
			}
			bump = now.Add(s.bump())
		case now.Sub(d.sent) > min(resend, s.bump()/4):
			if err := d.send(ctx); err != nil {
				return nil, 0, err
			}
		}
		if err := pause.wait(ctx); err != nil {
			return nil, 0, d.pending(ctx, err)
		}
	}
}

// pending is err with what is known of the transaction: it may be on its way.
func (d *delivery) pending(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return &PendingError{d.tx.Hash(), d.tx.Nonce(), d.foreign, err}
}

// send hands the newest transaction to the endpoint. Its error is one after which
// the transaction cannot be mined; after all others it may be.
func (d *delivery) send(ctx context.Context) error {
	raw, err := d.tx.MarshalBinary()
	if err != nil {
		return err
	}
	d.tell(Step{Kind: Sending, Transaction: d.tx.Hash(), Nonce: d.tx.Nonce()})
	var hash common.Hash
	// Once only: what it becomes is looked for, however the endpoint answers.
	err = d.Client.rpc.CallContext(ctx, &hash, "eth_sendRawTransaction", hexutil.Bytes(raw))
	d.foreign, d.last, d.sent = false, nil, time.Now()
	if err == nil {
		d.accepted = true
		return nil
	}
	no := asRefusal(err)
	if no == nil {
		d.last = &EndpointError{d.Client.host, plain(err)} // it may have arrived
		return nil
	}
	d.last = no
	text := strings.ToLower(no.text)
	has := func(signs ...string) bool {
		for _, sign := range signs {
			if strings.Contains(text, sign) {
				return true
			}
		}
		return false
	}
	switch {
	case has("already known", "known transaction", "already imported", "nonce too low", "nonce is too low", "oldnonce"):
	case has("replacement transaction underpriced", "replacement fee too low", "gas price too low to replace"):
		d.foreign = len(d.hashes) == 1
	case d.accepted: // before, so it may be mined
	case has("insufficient funds"):
		return fmt.Errorf("the endpoint %s refuses the transaction: the account %s cannot pay for it: %s", d.Client.host, d.Signer.Address(), shorten(no.text))
	case has("intrinsic gas", "exceeds block gas limit", "invalid sender", "invalid chain id", "only replay-protected", "invalid signature", "transaction type not supported"):
		return fmt.Errorf("the endpoint %s refuses the transaction: %s", d.Client.host, shorten(no.text))
	}
	// A full pool, a fee below the node's, a rate limit: it is tried again.
	return nil
}

// raise replaces the transaction with one of a higher fee, within the limits.
func (d *delivery) raise(ctx context.Context) error {
	at, err := d.Client.Head(ctx)
	if err != nil {
		return err
	}
	now, err := d.Client.Fee(ctx, at)
	if err != nil {
		return err
	}
	old := Fee{Cap: d.tx.GasFeeCap()}
	if d.tx.Type() == types.DynamicFeeTxType {
		old.Tip = d.tx.GasTipCap()
	}
	fee := old.raise().atLeast(now)
	if err := d.affordable(ctx, d.tx.Gas(), fee, at); err != nil {
		failed := d.send(ctx) // as it is
		d.last = err
		return failed
	}
	raised, err := d.signAs(ctx, d.Client.transaction(Call{*d.tx.To(), d.tx.Data()}, d.tx.Nonce(), d.tx.Gas(), fee))
	if err != nil {
		return err
	}
	d.tx = raised
	d.hashes = append(d.hashes, raised.Hash())
	return d.send(ctx)
}

// look finds out what became of the nonce. It returns a result when one of the
// delivery's transactions is final, and the block that was looked at when
// another has used the nonce; neither when it is not decided yet.
func (d *delivery) look(ctx context.Context) (*Sent, uint64, error) {
	at, receipts, nonce, err := d.Client.whereabouts(ctx, d.hashes, d.Signer.Address())
	if err != nil {
		return nil, 0, err
	}
	for _, receipt := range receipts {
		if receipt == nil {
			continue
		}
		block := Block{Number: receipt.BlockNumber.Uint64(), Hash: receipt.BlockHash}
		in, err := d.isIn(ctx, block, at)
		if err != nil {
			return nil, 0, err
		}
		if in {
			d.wasIn = true
			return d.confirm(receipt, at)
		}
	}
	if d.wasIn {
		d.wasIn, d.sent = false, time.Time{}
		d.tell(Step{Kind: Undone, Transaction: d.tx.Hash(), Nonce: d.tx.Nonce()})
	}
	d.used = false
	if nonce <= d.tx.Nonce() {
		return nil, 0, nil
	}
	// Once more, at that very block.
	nonce, err = d.Client.Nonce(ctx, d.Signer.Address(), at)
	if gone(err) {
		return nil, 0, nil
	}
	if err != nil || nonce <= d.tx.Nonce() {
		return nil, 0, err
	}
	final, err := d.finalNonce(ctx, at, nonce)
	if err != nil {
		return nil, 0, err
	}
	if final <= d.tx.Nonce() {
		d.used = true
		d.tell(Step{Kind: Waiting, Transaction: d.tx.Hash(), Nonce: d.tx.Nonce()})
		return nil, 0, nil
	}
	// It may be one of ours after all: mined between the two questions, or known
	// to one node of several. The next look at the sources, from this block on,
	// tells.
	for _, hash := range d.hashes {
		if receipt, err := d.Client.Receipt(ctx, hash); err != nil || receipt != nil {
			return nil, 0, err
		}
	}
	return nil, max(at.Number, 1), nil
}

// isIn is true when a receipt's block is part of the chain with the head: the
// receipt may be of one that was replaced.
func (d *delivery) isIn(ctx context.Context, block, head Block) (bool, error) {
	switch {
	case block.Number < head.Number:
		return d.Client.stands(ctx, block)
	case block.Number == head.Number:
		return block.Hash == head.Hash, nil
	}
	return true, nil // the head was read before, or elsewhere
}

// confirm waits for the blocks on top of the one that the receipt names.
func (d *delivery) confirm(receipt *types.Receipt, at Block) (*Sent, uint64, error) {
	number := receipt.BlockNumber.Uint64()
	have := uint64(0)
	if at.Number >= number {
		have = at.Number - number + 1
	}
	wanted := d.confirmations()
	d.tell(Step{Kind: Confirming, Transaction: receipt.TxHash, Nonce: d.tx.Nonce(), Confirmations: min(have, wanted), Wanted: wanted})
	switch {
	case have < wanted:
		return nil, 0, nil
	case receipt.Status != types.ReceiptStatusSuccessful:
		return nil, 0, &FailedError{receipt.TxHash, number}
	}
	return &Sent{receipt.TxHash, receipt, number, at}, 0, nil
}

// FailedError is a transaction that is in the chain and did nothing: the contract
// refused it there, though it did not in the estimate.
type FailedError struct {
	Hash  common.Hash
	Block uint64
}

func (e *FailedError) Error() string {
	return fmt.Sprintf("the transaction %s failed in block %d: the chain has changed between the estimate and the block; run again", e.Hash, e.Block)
}
