package publish

import (
	"context"
	"fmt"

	"github.com/ethereum/go-ethereum/common"
	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/chain"
	"github.com/opengpu-network/templates/pkg/release"
)

// Plan surveys the chain as it is at the block, and decides.
func (s *Surveyor) Plan(ctx context.Context, client common.Address, r *release.Release, at chain.Block) (Decision, error) {
	version, err := catalog.ParseVersion(r.Version)
	if err != nil {
		return Decision{}, fmt.Errorf("the version %s: %w", r.Version, err)
	}
	published, err := s.Survey(ctx, client, at)
	if err != nil {
		return Decision{}, err
	}
	return Decide(published, r.Name, version, r.Digest)
}

// Result is what became of a release.
type Result struct {
	// Action is what was done, by this run or by the one that it went on with.
	Action Action
	Source Published
	// Sent is the transaction; nil when there was nothing to do.
	Sent *chain.Sent
}

// Send brings a release to the chain, exactly once, and reads it back from there.
// The metadata must be where its link leads. The sender's account is the client.
func Send(ctx context.Context, sender *chain.Sender, s *Surveyor, r *release.Release, metadataURL string) (*Result, error) {
	client := sender.Signer.Address()
	params, err := Params(client, r.Statement, metadataURL)
	if err != nil {
		return nil, err
	}
	result := &Result{Action: Nothing}
	result.Sent, err = sender.Once(ctx, func(ctx context.Context, at chain.Block) (*chain.Call, error) {
		decision, err := s.Plan(ctx, client, r, at)
		if err != nil {
			return nil, err
		}
		if decision.Action != Nothing {
			result.Action = decision.Action
		}
		return decision.Call(s.Client.Network, params), nil
	})
	if err != nil {
		return nil, err
	}
	if result.Sent == nil {
		result.Action = Nothing
	}
	at, err := result.seen(ctx, sender)
	if err != nil {
		return nil, err
	}
	decision, err := s.Plan(ctx, client, r, at)
	if err != nil {
		return nil, err
	}
	if decision.Action != Nothing {
		return nil, fmt.Errorf("the transaction is final, and the source is not on the chain at block %d: see ogpu-tpl status %s", at.Number, r.Name)
	}
	result.Source = *decision.Source
	return result, nil
}

// seen is a block from which the result can be seen.
func (r *Result) seen(ctx context.Context, sender *chain.Sender) (chain.Block, error) {
	switch {
	case r.Sent == nil:
		return sender.HeadFrom(ctx, 0)
	case r.Sent.Seen.Number < r.Sent.Block:
		return sender.HeadFrom(ctx, r.Sent.Block)
	}
	return r.Sent.Seen, nil
}
