package publish

import (
	"context"

	"github.com/ethereum/go-ethereum/common"
	"github.com/opengpu-network/templates/pkg/chain"
	"github.com/opengpu-network/templates/pkg/release"
	"golang.org/x/sync/errgroup"
)

// Entry is something that happened to a source, and the release that it is since.
type Entry struct {
	chain.Event
	// Stamp says which release it is; nil when it is none, or unknown.
	Stamp *release.Stamp
	// Changes are the parameters that differ from those before.
	Changes []chain.Change
	// Unreadable says why the release is not known.
	Unreadable error
}

// History lists what happened to a source between two blocks, the oldest first,
// with the release of each time. Metadata of old versions may be gone, which is
// no error.
func (s *Surveyor) History(ctx context.Context, address common.Address, first uint64, to chain.Block) ([]Entry, error) {
	events, err := s.Client.History(ctx, address, first, to)
	if err != nil {
		return nil, err
	}
	entries := make([]Entry, len(events))
	var group errgroup.Group
	group.SetLimit(maxFetches)
	var before *chain.Params
	for i, event := range events {
		entries[i].Event = event
		if event.Params == nil {
			continue
		}
		if before != nil {
			entries[i].Changes = chain.Diff(*before, *event.Params)
		}
		before = event.Params
		group.Go(func() error {
			m, err := s.Metadata(ctx, chain.Source{Address: address, Params: *event.Params})
			if entries[i].Unreadable = err; err == nil {
				entries[i].Stamp = m.Template
			}
			return nil
		})
	}
	_ = group.Wait()
	return entries, ctx.Err()
}
