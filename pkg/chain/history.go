package chain

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/ethereum/go-ethereum/accounts/abi"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/opengpu-network/templates/pkg/chain/contracts"
	"golang.org/x/sync/errgroup"
)

// EventKind says what happened to a source.
type EventKind string

// The kinds of events.
const (
	Published EventKind = "published"
	Updated   EventKind = "updated"
	// Changed is a change of the parameters that no event tells of: the owner set
	// them on the source itself.
	Changed EventKind = "changed"
	// StatusChanged is a new status.
	StatusChanged EventKind = "status"
)

// Event is something that happened to a source.
type Event struct {
	Kind EventKind
	// Block and Transaction are where it happened. For Changed, Block is the first
	// one that the change was seen at, and there is no transaction.
	Block       Block
	Transaction common.Hash
	// From signed the transaction.
	From common.Address
	// Params are those from then on; nil when they cannot be known.
	Params *Params
	// Status is the one from then on, for StatusChanged.
	Status Status
	// Problem says why Params cannot be known.
	Problem string

	index uint
}

const (
	// logRange is how many blocks are asked for events at once. Endpoints that
	// take fewer are asked in halves.
	logRange = 50_000
	// maxBlocks is how many blocks a chain may have. It bounds what an endpoint can
	// make this program ask for.
	maxBlocks = 1_000_000_000
	// maxLogs is how many events of all sources are read.
	maxLogs = 1_000_000
)

// History lists what happened to a source between two blocks, the oldest first.
// None of the Nexus's events can be asked for by its source, so the events of all
// are read: a first block saves time. Parameters come from events, those of the
// publication from its transaction's input.
func (c *Client) History(ctx context.Context, address common.Address, first uint64, to Block) ([]Event, error) {
	logs, err := c.logs(ctx, first, to.Number)
	if err != nil {
		return nil, err
	}
	var all []Event
	for _, log := range logs {
		event, ok, err := c.event(log, address)
		if err != nil {
			return nil, err
		}
		if ok {
			all = append(all, event)
		}
	}
	slices.SortStableFunc(all, func(a, b Event) int {
		return cmp.Or(cmp.Compare(a.Block.Number, b.Block.Number), cmp.Compare(a.index, b.index))
	})
	if err := c.complete(ctx, all); err != nil {
		return nil, err
	}
	return c.withChanges(ctx, address, all, to)
}

// event reads a log, and is false when it is about another source.
func (c *Client) event(log types.Log, address common.Address) (Event, bool, error) {
	e := Event{Block: Block{Number: log.BlockNumber, Hash: log.BlockHash}, Transaction: log.TxHash, index: log.Index}
	unreadable := func(err error) (Event, bool, error) {
		return Event{}, false, &EndpointError{c.host, fmt.Errorf("an event of the transaction %s cannot be read: %w", log.TxHash, err)}
	}
	switch log.Topics[0] {
	case nexusABI.Events["SourcePublished"].ID:
		published, err := nexus.UnpackSourcePublishedEvent(&log)
		if err != nil {
			return unreadable(err)
		}
		e.Kind = Published
		return e, published.Source == address, nil
	case nexusABI.Events["SourceUpdated"].ID:
		updated, err := nexus.UnpackSourceUpdatedEvent(&log)
		if err != nil {
			return unreadable(err)
		}
		e.Kind, e.Params = Updated, &updated.SourceParams
		return e, updated.Source == address, nil
	default:
		changed, err := nexus.UnpackSourceStatusChangedEvent(&log)
		if err != nil {
			return unreadable(err)
		}
		e.Kind, e.Status = StatusChanged, Status(changed.Status)
		return e, changed.Source == address, nil
	}
}

// complete adds what logs do not say: times, senders, and the parameters of the
// publication.
func (c *Client) complete(ctx context.Context, events []Event) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(maxParallel)
	for i := range events {
		e := &events[i]
		group.Go(func() error {
			block, err := c.block(ctx, number(e.Block.Number))
			if err != nil {
				return err
			}
			e.Block = block
			var tx *struct {
				To    *common.Address `json:"to"`
				From  common.Address  `json:"from"`
				Input hexutil.Bytes   `json:"input"`
			}
			if err := c.ask(ctx, &tx, "eth_getTransactionByHash", e.Transaction); err != nil {
				return err
			}
			if tx == nil {
				return &EndpointError{c.host, fmt.Errorf("it does not have the transaction %s", e.Transaction)}
			}
			e.From = tx.From
			if e.Kind != Published {
				return nil
			}
			e.Params, err = publishedParams(tx.Input)
			if err != nil || tx.To == nil || *tx.To != c.Network.Nexus {
				e.Params, e.Problem = nil, "it was published through another contract, so its transaction does not say with what"
			}
			return nil
		})
	}
	return group.Wait()
}

// publishedParams reads the input of a transaction that published a source.
func publishedParams(input []byte) (*Params, error) {
	method := nexusABI.Methods["publishSource"]
	if len(input) < 4 || string(input[:4]) != string(method.ID) {
		return nil, errors.New("no call of publishSource")
	}
	values, err := method.Inputs.Unpack(input[4:])
	if err != nil {
		return nil, err
	}
	params := *abi.ConvertType(values[0], new(contracts.SourceParams)).(*contracts.SourceParams)
	return &params, nil
}

// withChanges adds what no event tells of: before each update, where the endpoint
// still knows that state, and at the end.
func (c *Client) withChanges(ctx context.Context, address common.Address, events []Event, to Block) ([]Event, error) {
	var all []Event
	var known *Params
	look := func(at Block) error {
		if known == nil {
			return nil
		}
		sources, err := c.Sources(ctx, []common.Address{address}, at)
		if err != nil {
			return err
		}
		if now := sources[0].Params; len(Diff(*known, now)) > 0 {
			all = append(all, Event{Kind: Changed, Block: at, Params: &now})
			known = &now
		}
		return nil
	}
	for _, e := range events {
		if e.Kind == Updated && e.Block.Number > 0 {
			before, err := c.block(ctx, number(e.Block.Number-1))
			if err != nil {
				return nil, err
			}
			// Few endpoints keep old states, which is no error. Where several events
			// share a block, the state before it is older than the last of them.
			if n := len(all); n == 0 || all[n-1].Block.Number < e.Block.Number {
				_ = look(before)
			}
		}
		all = append(all, e)
		if e.Params != nil {
			known = e.Params
		}
	}
	if err := look(to); err != nil {
		return nil, err
	}
	return all, ctx.Err()
}

// logs are the Nexus's events about sources, in any order.
func (c *Client) logs(ctx context.Context, first, last uint64) (all []types.Log, err error) {
	if last > maxBlocks {
		return nil, &EndpointError{c.host, fmt.Errorf("it says that there are %d blocks, and %d is the most that is read", last, uint64(maxBlocks))}
	}
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(maxParallel)
	for from := first; from <= last && ctx.Err() == nil; from += logRange {
		group.Go(func() error {
			logs, err := c.logsBetween(ctx, from, min(from+logRange-1, last))
			mu.Lock()
			defer mu.Unlock()
			if all = append(all, logs...); len(all) > maxLogs && err == nil {
				err = &EndpointError{c.host, fmt.Errorf("it gives more than %d events", maxLogs)}
			}
			return err
		})
	}
	return all, group.Wait()
}

func (c *Client) logsBetween(ctx context.Context, from, to uint64) ([]types.Log, error) {
	signatures := []common.Hash{nexusABI.Events["SourcePublished"].ID, nexusABI.Events["SourceUpdated"].ID, nexusABI.Events["SourceStatusChanged"].ID}
	var logs []types.Log
	err := c.ask(ctx, &logs, "eth_getLogs", map[string]any{
		"address": c.Network.Nexus, "topics": [][]common.Hash{signatures}, "fromBlock": number(from), "toBlock": number(to),
	})
	if err != nil {
		if from == to || ctx.Err() != nil || !tooMuch(err) {
			return nil, err
		}
		// Too many blocks, or too many events, for this endpoint.
		middle := from + (to-from)/2
		left, err := c.logsBetween(ctx, from, middle)
		if err != nil {
			return nil, err
		}
		right, err := c.logsBetween(ctx, middle+1, to)
		return append(left, right...), err
	}
	for _, log := range logs {
		if log.Address != c.Network.Nexus || len(log.Topics) != 1 || !slices.Contains(signatures, log.Topics[0]) || log.BlockNumber < from || log.BlockNumber > to {
			return nil, &EndpointError{c.host, errors.New("it gives events that nobody asked for")}
		}
	}
	return logs, nil
}

// Change is one field of a source's parameters that differs.
type Change struct {
	Field string
	// Old and New are as the contracts have them, in decimal digits where they are
	// numbers.
	Old, New string
}

// Diff lists the parameters that differ, but for the time of the last update.
func Diff(a, b Params) (changes []Change) {
	add := func(field string, a, b any) {
		if old, new := fmt.Sprint(a), fmt.Sprint(b); old != new {
			changes = append(changes, Change{field, old, new})
		}
	}
	add("client", a.Client, b.Client)
	add("imageMetadataUrl", a.ImageMetadataUrl, b.ImageMetadataUrl)
	add("imageEnvironments", a.ImageEnvironments, b.ImageEnvironments)
	add("minPayment", a.MinPayment, b.MinPayment)
	add("minAvailableLockup", a.MinAvailableLockup, b.MinAvailableLockup)
	add("maxExpiryDuration", a.MaxExpiryDuration, b.MaxExpiryDuration)
	add("privacyEnabled", a.PrivacyEnabled, b.PrivacyEnabled)
	add("optionalParamsUrl", a.OptionalParamsUrl, b.OptionalParamsUrl)
	add("deliveryMethod", a.DeliveryMethod, b.DeliveryMethod)
	return changes
}
