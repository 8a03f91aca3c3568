package chain

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"

	"github.com/ethereum/go-ethereum/common"
	"github.com/opengpu-network/templates/pkg/chain/contracts"
)

// Params are what a source holds, as the contracts have them: payments in wei,
// durations and times in seconds.
type Params = contracts.SourceParams

// Status of a source.
type Status uint8

// The statuses, as the contracts have them. Inactive is for good.
const (
	Active   Status = 0
	Inactive Status = 1
)

func (s Status) String() string {
	switch s {
	case Active:
		return "active"
	case Inactive:
		return "inactive"
	}
	return fmt.Sprintf("status %d", uint8(s))
}

// Source is one source as it was at a block.
type Source struct {
	Address common.Address
	// Client published it; Owner may change it.
	Client, Owner common.Address
	Status        Status
	Params        Params
	// Registrants is how many providers registered, and Tasks how many tasks were
	// published for it.
	Registrants, Tasks *big.Int
}

const (
	// maxSources is how many sources a network may have. It bounds what an
	// endpoint can make this program ask for.
	maxSources = 1_000_000
	// page is how many addresses are asked for at once.
	page = 500
	// few is how many sources are asked everything at once, before it is known
	// whose they are: one request then is enough.
	few = 16
	// maxLink is how long a source's links may be, in bytes.
	maxLink = 4096
)

var (
	nexus  = contracts.NewNexus()
	source = contracts.NewSource()

	nexusABI  = nexus.GetABI()
	sourceABI = source.GetABI()
)

// SourceAddresses lists all sources of the network at the block.
func (c *Client) SourceAddresses(ctx context.Context, at Block) ([]common.Address, error) {
	// The first page is asked for at once. Where it is all there is, that was it; a
	// Nexus that refuses to be asked for more than there is, is asked again.
	whole := []Call{
		{c.Network.Nexus, nexus.PackGetSourceCount()},
		{c.Network.Nexus, nexus.PackGetSources(new(big.Int), big.NewInt(page))},
	}
	first, err := c.readAll(ctx, whole, at)
	if err != nil {
		return nil, err
	}
	count, err := nexus.UnpackGetSourceCount(first[0])
	if err != nil {
		return nil, c.unreadable("getSourceCount", c.Network.Nexus, err)
	}
	if !count.IsUint64() || count.Uint64() > maxSources {
		return nil, &EndpointError{c.host, fmt.Errorf("it says that there are %s sources, and %d is the most that is read", count, maxSources)}
	}
	if part, err := nexus.UnpackGetSources(first[1]); err == nil && count.Uint64() <= page && uint64(len(part)) >= count.Uint64() {
		return withoutHoles(part), nil // what is beyond the end is zeros, as holes are
	}
	var calls []Call
	for from := uint64(0); from < count.Uint64(); from += page {
		to := min(from+page, count.Uint64())
		calls = append(calls, Call{c.Network.Nexus, nexus.PackGetSources(new(big.Int).SetUint64(from), new(big.Int).SetUint64(to))})
	}
	answers, err := c.readAll(ctx, calls, at)
	if err != nil {
		return nil, err
	}
	var all []common.Address
	for i, answer := range answers {
		part, err := nexus.UnpackGetSources(answer)
		if err != nil || len(part) > page {
			return nil, c.unreadable(fmt.Sprintf("getSources from %d", i*page), c.Network.Nexus, err)
		}
		all = append(all, withoutHoles(part)...)
	}
	return all, nil
}

func withoutHoles(addresses []common.Address) []common.Address {
	return slices.DeleteFunc(addresses, func(a common.Address) bool { return a == (common.Address{}) })
}

// SourcesOf lists the sources whose client is the account, active or not, in the
// order of their publication.
func (c *Client) SourcesOf(ctx context.Context, client common.Address, at Block) ([]Source, error) {
	all, err := c.SourceAddresses(ctx, at)
	if err != nil {
		return nil, err
	}
	if len(all) <= few {
		return c.sources(ctx, all, at, &client)
	}
	calls := make([]Call, len(all))
	for i, address := range all {
		calls[i] = Call{address, source.PackGetClient()}
	}
	answers, err := c.readAll(ctx, calls, at)
	if err != nil {
		return nil, err
	}
	var own []common.Address
	for i, answer := range answers {
		got, err := c.clientOf(all[i], answer)
		if err != nil {
			return nil, err
		}
		if got == client {
			own = append(own, all[i])
		}
	}
	return c.Sources(ctx, own, at)
}

// clientOf reads the answer to getClient of a contract that the Nexus lists. The
// Nexus makes these contracts itself, and all of them answer. One that does not is
// an endpoint's mistake: it may be anybody's, and must not be passed over.
func (c *Client) clientOf(address common.Address, answer []byte) (common.Address, error) {
	client, err := source.UnpackGetClient(answer)
	if err != nil {
		return client, c.unreadable("getClient", address, err)
	}
	return client, nil
}

// ErrNoSource is an address that is no source of the network.
var ErrNoSource = errors.New("is no source of the network")

// Source reads one source, after asking the Nexus whether it is one: any contract
// can answer as a source does.
func (c *Client) Source(ctx context.Context, address common.Address, at Block) (Source, error) {
	known, err := c.isSource(ctx, address, at)
	if err != nil {
		return Source{}, err
	}
	if !known {
		return Source{}, fmt.Errorf("%s %w %s", address, ErrNoSource, c.Network.Name)
	}
	sources, err := c.Sources(ctx, []common.Address{address}, at)
	if err != nil {
		return Source{}, err
	}
	return sources[0], nil
}

// isSource looks near the place that the Nexus gives to the address, whose
// counting may begin at 0 or at 1.
func (c *Client) isSource(ctx context.Context, address common.Address, at Block) (bool, error) {
	answers, err := c.readAll(ctx, []Call{
		{c.Network.Nexus, nexus.PackGetSourceId(address)},
		{c.Network.Nexus, nexus.PackGetSourceCount()},
	}, at)
	if err != nil {
		return false, err
	}
	count, err := nexus.UnpackGetSourceCount(answers[1])
	if err != nil {
		return false, c.unreadable("getSourceCount", c.Network.Nexus, err)
	}
	id, err := nexus.UnpackGetSourceId(answers[0])
	if err != nil || id.Cmp(count) > 0 {
		return false, nil // it refuses those that it does not know
	}
	from, to := new(big.Int).Sub(id, big.NewInt(1)), new(big.Int).Add(id, big.NewInt(1))
	if from.Sign() < 0 {
		from.SetInt64(0)
	}
	if to.Cmp(count) > 0 {
		to.Set(count)
	}
	answer, err := c.read(ctx, Call{c.Network.Nexus, nexus.PackGetSources(from, to)}, at)
	if err != nil {
		return false, err
	}
	near, err := nexus.UnpackGetSources(answer)
	if err != nil {
		return false, c.unreadable("getSources", c.Network.Nexus, err)
	}
	return slices.Contains(near, address), nil
}

// Sources reads sources.
func (c *Client) Sources(ctx context.Context, addresses []common.Address, at Block) ([]Source, error) {
	return c.sources(ctx, addresses, at, nil)
}

// sources reads sources, and passes over those that are not of the client, when
// one is given.
func (c *Client) sources(ctx context.Context, addresses []common.Address, at Block, client *common.Address) ([]Source, error) {
	questions := []struct {
		name string
		data []byte
		read func(s *Source, answer []byte) error
	}{
		{"getClient", source.PackGetClient(), func(s *Source, answer []byte) (err error) {
			s.Client, err = source.UnpackGetClient(answer)
			return err
		}},
		{"owner", source.PackOwner(), func(s *Source, answer []byte) (err error) {
			s.Owner, err = source.UnpackOwner(answer)
			return err
		}},
		{"getStatus", source.PackGetStatus(), func(s *Source, answer []byte) error {
			status, err := source.UnpackGetStatus(answer)
			s.Status = Status(status)
			return err
		}},
		{"getSourceParams", source.PackGetSourceParams(), func(s *Source, answer []byte) (err error) {
			s.Params, err = source.UnpackGetSourceParams(answer)
			if err == nil && (len(s.Params.ImageMetadataUrl) > maxLink || len(s.Params.OptionalParamsUrl) > maxLink) {
				err = fmt.Errorf("a link is longer than %d bytes", maxLink)
			}
			return err
		}},
		{"getRegistrantCount", source.PackGetRegistrantCount(), func(s *Source, answer []byte) (err error) {
			s.Registrants, err = source.UnpackGetRegistrantCount(answer)
			return err
		}},
		{"getTaskCount", source.PackGetTaskCount(), func(s *Source, answer []byte) (err error) {
			s.Tasks, err = source.UnpackGetTaskCount(answer)
			return err
		}},
	}
	var calls []Call
	for _, address := range addresses {
		for _, q := range questions {
			calls = append(calls, Call{address, q.data})
		}
	}
	answers, err := c.readAll(ctx, calls, at)
	if err != nil {
		return nil, err
	}
	var sources []Source
	for i, address := range addresses {
		s := Source{Address: address}
		of := answers[i*len(questions):]
		if client != nil {
			got, err := c.clientOf(address, of[0])
			if err != nil {
				return nil, err
			}
			if got != *client {
				continue
			}
		}
		for n, q := range questions {
			if err := q.read(&s, of[n]); err != nil {
				return nil, c.unreadable(q.name, address, err)
			}
		}
		sources = append(sources, s)
	}
	return sources, nil
}

// unreadable is an answer that is not what the contract's interface says.
func (c *Client) unreadable(what string, of common.Address, err error) error {
	if err == nil {
		err = errors.New("it is too long")
	}
	return &EndpointError{c.host, fmt.Errorf("the answer to %s of %s cannot be read: %w", what, of, err)}
}
