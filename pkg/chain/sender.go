package chain

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/params"
	"github.com/opengpu-network/templates/pkg/chain/signer"
)

// Sender changes the chain exactly once.
//
// It reads how many transactions of the account are in the chain at a block; it
// looks at the chain as it is at that block, to see what is to be done; and it
// signs with exactly that nonce. A nonce is used once. So when two senders have
// seen the same state, one of their transactions is dropped, and that sender
// starts over from the look and sees what the other did. No lock is needed, and
// no memory of what was sent.
//
// Blocks may be replaced, as many as it takes confirmations less one. So nothing
// is concluded from a transaction of the account that is in such a block, whoever
// sent it: it may come undone, and another take its nonce. It is waited for.
type Sender struct {
	Client *Client
	Signer signer.Signer
	// Memory keeps transactions before they are sent; nil keeps none. It saves a
	// second signature after a crash, nothing else depends on it.
	Memory Memory
	Limits Limits
	// Confirmations is how many blocks make a transaction final; 0 is the
	// network's number.
	Confirmations uint64
	// Patience is how long a transaction may take until it is final; 0 is ten
	// minutes.
	Patience time.Duration
	// Bump is how long a transaction waits before its fee is raised; 0 is one
	// minute.
	Bump time.Duration
	// Progress is told what happens, unless it is nil.
	Progress func(Step)
}

// Memory keeps signed transactions over the end of the process. What it has
// returned from is on the disk.
type Memory interface {
	// Signed are the transactions that were kept, the newest last.
	Signed() []*types.Transaction
	// Keep adds one.
	Keep(*types.Transaction) error
}

// Step is something that a Sender does.
type Step struct {
	Kind StepKind
	// Transaction is its hash; it is zero before there is one.
	Transaction common.Hash
	// Nonce of the account.
	Nonce uint64
	// Confirmations so far, and how many are wanted.
	Confirmations, Wanted uint64
}

// StepKind says what a Sender does.
type StepKind string

// The kinds of steps, in their usual order.
const (
	Looking    StepKind = "looking"    // at the chain, with a nonce that is free
	Signing    StepKind = "signing"    // which may wait for a human
	Sending    StepKind = "sending"    // also again, and with a higher fee
	Waiting    StepKind = "waiting"    // for another transaction of the account to be final
	Confirming StepKind = "confirming" // it is in a block
	Overtaken  StepKind = "overtaken"  // something else has used the nonce: it starts over
	Undone     StepKind = "undone"     // its block is no longer part of the chain
)

// Look says what is to be done, seen from the chain at the block; nil is
// nothing.
type Look func(ctx context.Context, at Block) (*Call, error)

// Sent is a transaction that is final.
type Sent struct {
	Hash    common.Hash
	Receipt *types.Receipt
	// Block is the receipt's.
	Block uint64
	// Seen is the newest block when it was found to be final; the zero value when
	// another run has found that.
	Seen Block
}

const (
	// maxRounds is how often it starts over. Each round, some transaction of the
	// same account was mined in between, or the endpoint is out of step.
	maxRounds = 20
	// gasRoom is added to an estimate, in per cent.
	gasRoom = 25
)

// Once does what look finds to be done, exactly once. It returns nil when there
// was nothing to do. The error is a *RevertError when the contract refuses, and a
// *PendingError when it is not known yet what becomes of a transaction.
func (s *Sender) Once(ctx context.Context, look Look) (*Sent, error) {
	var mine []common.Hash
	var since uint64 // the block that an overtaken transaction was seen from
	for range maxRounds {
		at, nonce, err := s.settled(ctx, since)
		if err != nil {
			return nil, err
		}
		s.tell(Step{Kind: Looking, Nonce: nonce})
		call, err := look(ctx, at)
		switch {
		case gone(err):
			continue // the chain was reorganised as we looked
		case err != nil:
			return nil, err
		}
		if s.Client.byNumber { // what was seen may be of two chains
			if same, err := s.Client.stands(ctx, at); err != nil {
				return nil, err
			} else if !same {
				continue
			}
		}
		if call == nil {
			return s.firstOf(ctx, mine)
		}
		txs, err := s.sign(ctx, *call, nonce, at)
		switch {
		case gone(err):
			continue
		case err != nil:
			return nil, err
		}
		sent, seen, err := s.deliver(ctx, txs, &mine)
		if err != nil || sent != nil {
			return sent, err
		}
		s.tell(Step{Kind: Overtaken, Transaction: txs[len(txs)-1].Hash(), Nonce: nonce})
		since = seen
	}
	return nil, fmt.Errorf("other transactions of %s came in between %d times: publish when nothing else uses the account", s.Signer.Address(), maxRounds)
}

// Settled is the newest block, once all transactions of the account up to there
// are final: what is seen from it stays.
func (s *Sender) Settled(ctx context.Context) (Block, error) {
	at, _, err := s.settled(ctx, 0)
	return at, err
}

// settled is the newest block from the given one on, and the account's nonce
// there, once all transactions of the account up to there are final.
func (s *Sender) settled(ctx context.Context, since uint64) (Block, uint64, error) {
	over := time.Now().Add(s.patience())
	for pause := newPause(); ; {
		at, err := s.HeadFrom(ctx, since)
		if err != nil {
			return Block{}, 0, err
		}
		nonce, err := s.Client.Nonce(ctx, s.Signer.Address(), at)
		if err != nil && !gone(err) {
			return Block{}, 0, err
		}
		if err == nil {
			final, err := s.finalNonce(ctx, at, nonce)
			if err != nil {
				return Block{}, 0, err
			}
			if final == nonce {
				return at, nonce, nil
			}
			s.tell(Step{Kind: Waiting, Nonce: nonce})
		}
		if time.Now().After(over) {
			return Block{}, 0, fmt.Errorf("a transaction of the account %s is not final yet at block %d: run again when it is", s.Signer.Address(), at.Number)
		}
		if err := pause.wait(ctx); err != nil {
			return Block{}, 0, err
		}
	}
}

// finalNonce is how many transactions of the account are final, seen from a block
// where it has the nonce.
func (s *Sender) finalNonce(ctx context.Context, at Block, nonce uint64) (uint64, error) {
	depth := min(s.confirmations()-1, at.Number)
	if depth == 0 || nonce == 0 {
		return nonce, nil
	}
	return s.Client.Nonce(ctx, s.Signer.Address(), Block{Number: at.Number - depth})
}

// HeadFrom is the newest block, from the given one on: one of several nodes
// behind an endpoint may be behind the others.
func (s *Sender) HeadFrom(ctx context.Context, since uint64) (Block, error) {
	over := time.Now().Add(s.Client.patience)
	for pause := newPause(); ; {
		at, err := s.Client.Head(ctx)
		if err != nil || at.Number >= since {
			return at, err
		}
		if time.Now().After(over) {
			return Block{}, &EndpointError{s.Client.host, fmt.Errorf("it is at block %d and was at %d before", at.Number, since)}
		}
		if err := pause.wait(ctx); err != nil {
			return Block{}, err
		}
	}
}

// firstOf returns that of our transactions that did it, if one did: its receipt
// may have come too late for us.
func (s *Sender) firstOf(ctx context.Context, mine []common.Hash) (*Sent, error) {
	for _, hash := range mine {
		receipt, err := s.Client.Receipt(ctx, hash)
		if err != nil {
			return nil, err
		}
		if receipt != nil && receipt.Status == types.ReceiptStatusSuccessful {
			return &Sent{Hash: hash, Receipt: receipt, Block: receipt.BlockNumber.Uint64()}, nil
		}
	}
	return nil, nil
}

// sign makes the signed transaction of a call, or finds those of an earlier run,
// the newest last.
func (s *Sender) sign(ctx context.Context, call Call, nonce uint64, at Block) ([]*types.Transaction, error) {
	// All three at once. What is wrong with the call is said first.
	var gas uint64
	var fee Fee
	var balance *big.Int
	var errs [3]error
	var group sync.WaitGroup
	group.Go(func() { gas, errs[0] = s.Client.EstimateGas(ctx, s.Signer.Address(), call, at) })
	group.Go(func() { fee, errs[1] = s.Client.Fee(ctx, at) })
	group.Go(func() { balance, errs[2] = s.Client.Balance(ctx, s.Signer.Address(), at) })
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	if gas < params.TxGas {
		return nil, &EndpointError{s.Client.host, fmt.Errorf("it says that the transaction takes %d gas, and each takes %d", gas, params.TxGas)}
	}
	if kept := s.kept(call, nonce, gas); len(kept) > 0 {
		return kept, nil
	}
	gas = WithRoom(gas)
	if err := s.Limits.Check(gas, fee); err != nil {
		return nil, err
	}
	if err := afford(s.Signer.Address(), balance, gas, fee); err != nil {
		return nil, err
	}
	tx, err := s.signAs(ctx, s.Client.transaction(call, nonce, gas, fee))
	if err != nil {
		return nil, err
	}
	return []*types.Transaction{tx}, nil
}

// signAs signs a transaction and keeps it.
func (s *Sender) signAs(ctx context.Context, tx *types.Transaction) (*types.Transaction, error) {
	s.tell(Step{Kind: Signing, Nonce: tx.Nonce()})
	// It may ask a human.
	asking, cancel := context.WithTimeout(ctx, s.patience())
	defer cancel()
	signed, err := s.Signer.Sign(asking, tx, s.Client.ChainID())
	if err != nil {
		return nil, err
	}
	if s.Memory != nil {
		if err := s.Memory.Keep(signed); err != nil {
			return nil, fmt.Errorf("nothing was sent, because the journal cannot be written: %w", err)
		}
	}
	return signed, nil
}

// kept are the transactions of earlier runs that do the same with the same nonce,
// the newest last. Those that could not be mined now are left out: what made them
// may have been a mistake of the endpoint.
func (s *Sender) kept(call Call, nonce, gas uint64) (same []*types.Transaction) {
	if s.Memory == nil {
		return nil
	}
	for _, tx := range s.Memory.Signed() {
		from, err := types.Sender(types.LatestSignerForChainID(s.Client.ChainID()), tx)
		if err == nil && from == s.Signer.Address() && tx.Nonce() == nonce && tx.To() != nil && *tx.To() == call.To &&
			string(tx.Data()) == string(call.Data) && tx.Value().Sign() == 0 && tx.Gas() >= gas && s.Limits.Check(tx.Gas(), Fee{Cap: tx.GasFeeCap()}) == nil {
			same = append(same, tx)
		}
	}
	return same
}

// affordable holds a transaction against the limits and the account's balance.
func (s *Sender) affordable(ctx context.Context, gas uint64, fee Fee, at Block) error {
	if err := s.Limits.Check(gas, fee); err != nil {
		return err
	}
	return s.Client.Afford(ctx, s.Signer.Address(), gas, fee, at)
}

// WithRoom is an estimate of gas with room for what changes until the transaction
// is mined.
func WithRoom(gas uint64) uint64 {
	if gas > math.MaxUint64/(100+gasRoom) { // an endpoint may say anything
		return math.MaxUint64
	}
	return gas + gas*gasRoom/100
}

// Afford makes sure that an account can pay for the gas. The error is a
// *PoorError when it cannot.
func (c *Client) Afford(ctx context.Context, account common.Address, gas uint64, fee Fee, at Block) error {
	balance, err := c.Balance(ctx, account, at)
	if err != nil {
		return err
	}
	return afford(account, balance, gas, fee)
}

func afford(account common.Address, balance *big.Int, gas uint64, fee Fee) error {
	if cost := Cost(gas, fee); balance.Cmp(cost) < 0 {
		return &PoorError{account, balance, cost}
	}
	return nil
}

// PoorError is an account that cannot pay for the gas. Amounts are in wei.
type PoorError struct {
	Account       common.Address
	Balance, Cost *big.Int
}

func (e *PoorError) Error() string {
	return fmt.Sprintf("the account %s has %s OGPU, and the transaction may cost %s OGPU: send it some", e.Account, OGPU(e.Balance), OGPU(e.Cost))
}

// PendingError is a transaction that was sent and is not final yet. A later run
// finds out what became of it.
type PendingError struct {
	Hash  common.Hash
	Nonce uint64
	// Foreign is true when another transaction of the account holds the nonce.
	Foreign bool
	Last    error
}

func (e *PendingError) Error() string {
	why := ""
	if e.Last != nil {
		why = fmt.Sprintf(" (the endpoint said last: %v)", shorten(e.Last.Error()))
	}
	if e.Foreign {
		return fmt.Sprintf("another transaction of the account with the nonce %d is waiting to be mined%s: run again when it is, or replace it", e.Nonce, why)
	}
	return fmt.Sprintf("the transaction %s is not final yet%s: run again to go on; it is never done twice", e.Hash, why)
}

func (e *PendingError) Unwrap() error { return e.Last }

func (s *Sender) tell(step Step) {
	if s.Progress != nil {
		s.Progress(step)
	}
}

func (s *Sender) patience() time.Duration {
	if s.Patience == 0 {
		return 10 * time.Minute
	}
	return s.Patience
}

func (s *Sender) bump() time.Duration {
	if s.Bump == 0 {
		return time.Minute
	}
	return s.Bump
}

func (s *Sender) confirmations() uint64 {
	if s.Confirmations == 0 {
		return max(s.Client.Network.Confirmations, 1)
	}
	return s.Confirmations
}

// pause is the time between two looks: short at first, then longer.
type pause struct{ next time.Duration }

func newPause() *pause { return &pause{time.Millisecond} }

func (p *pause) wait(ctx context.Context) error {
	timer := time.NewTimer(p.next)
	defer timer.Stop()
	p.next = min(p.next*3/2, 2*time.Second)
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
