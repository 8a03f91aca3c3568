package devnet_test

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/accounts/abi"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/ethclient"
	"github.com/ethereum/go-ethereum/rpc"
	"github.com/google/go-cmp/cmp"
	"github.com/opengpu-network/templates/pkg/chain/chaintest"
	"github.com/opengpu-network/templates/pkg/chain/contracts"
	"github.com/opengpu-network/templates/pkg/devnet"
)

var (
	nexus  = contracts.NewNexus()
	source = contracts.NewSource()
	coin   = big.NewInt(1e18)
)

func params(client common.Address) contracts.SourceParams {
	return contracts.SourceParams{
		Client: client, ImageMetadataUrl: "https://example.com/ipfs/" + strings.Repeat("a", 70),
		ImageEnvironments: 1 | 2, MinPayment: coin, MinAvailableLockup: big.NewInt(2), MaxExpiryDuration: big.NewInt(3600),
		DeliveryMethod: 1, LastUpdateTime: big.NewInt(42),
	}
}

// publish publishes a source as a client does and returns its address.
func publish(t testing.TB, client *ethclient.Client, d *devnet.Devnet, key *ecdsa.PrivateKey, params contracts.SourceParams) common.Address {
	t.Helper()
	mined := send(t, client, key, new(big.Int), d.Nexus(), nexus.PackPublishSource(params))
	if mined.Status != types.ReceiptStatusSuccessful {
		t.Fatalf("it was not published: %+v", mined)
	}
	events := eventsOf(t, mined, d.Nexus())
	if len(events) != 1 {
		t.Fatalf("%d events of Nexus", len(events))
	}
	event, err := nexus.UnpackSourcePublishedEvent(events[0])
	if err != nil {
		t.Fatal(err)
	}
	return event.Source
}

// eventsOf are one contract's events in a transaction. None of Nexus's has an
// indexed parameter.
func eventsOf(t testing.TB, receipt *types.Receipt, contract common.Address) []*types.Log {
	t.Helper()
	var events []*types.Log
	for _, event := range receipt.Logs {
		if event.Address == contract {
			if len(event.Topics) != 1 {
				t.Errorf("the event has indexed parameters: %v", event.Topics)
			}
			events = append(events, event)
		}
	}
	return events
}

// ask calls a contract at the newest block.
func ask[T any](t testing.TB, client *ethclient.Client, to common.Address, data []byte, unpack func([]byte) (T, error)) T {
	t.Helper()
	answer, err := client.CallContract(patient(t), ethereum.CallMsg{To: &to, Data: data}, nil)
	if err != nil {
		t.Fatal(err)
	}
	value, err := unpack(answer)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func sourceParams(t testing.TB, client *ethclient.Client, at common.Address) contracts.SourceParams {
	t.Helper()
	return ask(t, client, at, source.PackGetSourceParams(), source.UnpackGetSourceParams)
}

// equal compares numbers as numbers.
var equal = cmp.Comparer(func(a, b *big.Int) bool { return a.Cmp(b) == 0 })

func TestPublish(t *testing.T) {
	d := start(t, devnet.Options{})
	client := dial(t, d)
	published := publish(t, client, d, devnet.Key(), params(devnet.Account))

	got, want := sourceParams(t, client, published), params(devnet.Account)
	head, err := client.HeaderByNumber(patient(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	// The contract sets the time, whatever was passed.
	want.LastUpdateTime = new(big.Int).SetUint64(head.Time)
	if diff := cmp.Diff(want, got, equal); diff != "" {
		t.Errorf("the parameters differ (-want +got):\n%s", diff)
	}
	if head.Number.Uint64() != 2 {
		t.Errorf("the newest block is %d after one transaction", head.Number)
	}
	for name, owner := range map[string]common.Address{
		"client": ask(t, client, published, source.PackGetClient(), source.UnpackGetClient),
		"owner":  ask(t, client, published, source.PackOwner(), source.UnpackOwner),
	} {
		if owner != devnet.Account {
			t.Errorf("the %s is %s", name, owner)
		}
	}
	if at := ask(t, client, published, source.PackNexus(), source.UnpackNexus); at != d.Nexus() {
		t.Errorf("the source's Nexus is %s", at)
	}
	if status := ask(t, client, published, source.PackGetStatus(), source.UnpackGetStatus); status != 0 {
		t.Errorf("the status is %d", status)
	}
	if count := ask(t, client, published, source.PackGetTaskCount(), source.UnpackGetTaskCount); count.Sign() != 0 {
		t.Errorf("%v tasks", count)
	}
	if of := ask(t, client, d.Nexus(), nexus.PackSourcesOf(devnet.Account, new(big.Int)), nexus.UnpackSourcesOf); of != published {
		t.Errorf("the client's first source is %s, not %s", of, published)
	}
	if id := ask(t, client, d.Nexus(), nexus.PackGetSourceId(published), nexus.UnpackGetSourceId); id.Sign() != 0 {
		t.Errorf("the first source's id is %v", id)
	}
	for _, pack := range [][]byte{nexus.PackOwner(), nexus.PackManager(), nexus.PackTerminal(), nexus.PackVault()} {
		if address := ask(t, client, d.Nexus(), pack, nexus.UnpackOwner); address == (common.Address{}) {
			t.Errorf("Nexus has the zero address for %x", pack)
		}
	}
	// The node finds the event by the contract and its signature.
	logs, err := client.FilterLogs(patient(t), ethereum.FilterQuery{
		FromBlock: new(big.Int), Addresses: []common.Address{d.Nexus()},
		Topics: [][]common.Hash{{nexus.GetABI().Events[contracts.NexusSourcePublishedEventName].ID}},
	})
	if err != nil || len(logs) != 1 {
		t.Errorf("%d events (%v)", len(logs), err)
	}
}

func TestPagesWithHole(t *testing.T) {
	d := start(t, devnet.Options{})
	client := dial(t, d)
	var all []common.Address
	for range 4 {
		all = append(all, publish(t, client, d, devnet.Key(), params(devnet.Account)))
	}
	if _, err := d.RemoveSource(patient(t), all[1]); err != nil {
		t.Fatal(err)
	}
	all[1] = common.Address{}
	for _, page := range []struct {
		lower, upper int64
		want         []common.Address
	}{
		{0, 4, all}, {0, 2, all[:2]}, {2, 4, all[2:]}, {3, 3, nil},
		{3, 6, []common.Address{all[3], {}, {}}}, {9, 10, []common.Address{{}}},
	} {
		got := ask(t, client, d.Nexus(), nexus.PackGetSources(big.NewInt(page.lower), big.NewInt(page.upper)), nexus.UnpackGetSources)
		if !slices.Equal(got, page.want) {
			t.Errorf("from %d to %d: %v, want %v", page.lower, page.upper, got, page.want)
		}
	}
	if count := ask(t, client, d.Nexus(), nexus.PackGetSourceCount(), nexus.UnpackGetSourceCount); count.Int64() != 4 {
		t.Errorf("the count is %v", count)
	}
	// The dev account's nonces are its own.
	if nonce, err := client.NonceAt(patient(t), devnet.Account, nil); err != nil || nonce != 4 {
		t.Errorf("the account's nonce is %d (%v)", nonce, err)
	}
}

func TestUpdateAndInactivate(t *testing.T) {
	d := start(t, devnet.Options{})
	client := dial(t, d)
	at := publish(t, client, d, devnet.Key(), params(devnet.Account))

	changed := params(devnet.Account)
	changed.MinPayment, changed.ImageMetadataUrl = big.NewInt(7), "https://example.com/2"
	mined := send(t, client, devnet.Key(), new(big.Int), d.Nexus(), nexus.PackUpdateSource(at, changed))
	events := eventsOf(t, mined, d.Nexus())
	if len(events) != 1 {
		t.Fatalf("%d events", len(events))
	}
	updated, err := nexus.UnpackSourceUpdatedEvent(events[0])
	if err != nil {
		t.Fatal(err)
	}
	got := sourceParams(t, client, at)
	if diff := cmp.Diff(got, updated.SourceParams, equal); diff != "" || updated.Source != at {
		t.Errorf("the event is not what the source is (-source +event):\n%s", diff)
	}
	changed.LastUpdateTime = got.LastUpdateTime
	if diff := cmp.Diff(changed, got, equal); diff != "" || got.LastUpdateTime.Int64() == 42 {
		t.Errorf("the source is not what was sent (-want +got):\n%s", diff)
	}

	counts := func(want int64) {
		t.Helper()
		a := ask(t, client, d.Nexus(), nexus.PackGetActiveSourceCount(devnet.Account), nexus.UnpackGetActiveSourceCount)
		b := ask(t, client, d.Nexus(), nexus.PackActiveSourceCountOf(devnet.Account), nexus.UnpackActiveSourceCountOf)
		if a.Int64() != want || b.Int64() != want {
			t.Errorf("%v and %v sources are active, want %d", a, b, want)
		}
	}
	counts(1)
	mined = send(t, client, devnet.Key(), new(big.Int), d.Nexus(), nexus.PackInactivateSource(at))
	if events = eventsOf(t, mined, d.Nexus()); len(events) != 1 {
		t.Fatalf("%d events", len(events))
	}
	if event, err := nexus.UnpackSourceStatusChangedEvent(events[0]); err != nil || event.Source != at || event.Status != 1 {
		t.Errorf("the event is %+v (%v)", event, err)
	}
	counts(0)
	if status := ask(t, client, at, source.PackGetStatus(), source.UnpackGetStatus); status != 1 {
		t.Errorf("the status is %d", status)
	}
}

func TestRegister(t *testing.T) {
	key, provider := newKey(t)
	d := start(t, devnet.Options{Balances: map[common.Address]*big.Int{provider: coin}})
	client := dial(t, d)
	at := publish(t, client, d, devnet.Key(), params(devnet.Account))
	mined := send(t, client, key, new(big.Int), d.Nexus(), nexus.PackRegister(at, provider, 2))
	events := eventsOf(t, mined, d.Nexus())
	if len(events) != 1 {
		t.Fatalf("%d events", len(events))
	}
	event, err := nexus.UnpackRegisteredEvent(events[0])
	if err != nil || event.Provider != provider || event.Source != at || event.PreferredEnvironment != 2 || event.RegistrantId.Sign() != 0 {
		t.Errorf("the event is %+v (%v)", event, err)
	}
	if count := ask(t, client, at, source.PackGetRegistrantCount(), source.UnpackGetRegistrantCount); count.Int64() != 1 {
		t.Errorf("%v providers", count)
	}
	if got := ask(t, client, at, source.PackGetRegistrants(new(big.Int), big.NewInt(1)), source.UnpackGetRegistrants); !slices.Equal(got, []common.Address{provider}) {
		t.Errorf("the providers are %v", got)
	}
	if environment := ask(t, client, at, source.PackPreferredEnvironmentOf(provider), source.UnpackPreferredEnvironmentOf); environment != 2 {
		t.Errorf("the environment is %d", environment)
	}
}

// The owner can change a source without Nexus telling anybody.
func TestDirectChanges(t *testing.T) {
	key, other := newKey(t)
	d := start(t, devnet.Options{Balances: map[common.Address]*big.Int{other: coin}})
	client := dial(t, d)
	at := publish(t, client, d, devnet.Key(), params(devnet.Account))
	direct := func(key *ecdsa.PrivateKey, data []byte) *types.Receipt {
		t.Helper()
		mined := send(t, client, key, new(big.Int), at, data)
		if mined.Status != types.ReceiptStatusSuccessful {
			t.Errorf("it reverted: %+v", mined)
		}
		if events := eventsOf(t, mined, d.Nexus()); len(events) > 0 {
			t.Errorf("Nexus told it: %v", events)
		}
		return mined
	}
	changed := params(devnet.Account)
	changed.MinPayment = big.NewInt(9)
	direct(devnet.Key(), source.PackSetSourceParams(changed))
	if got := sourceParams(t, client, at); got.MinPayment.Int64() != 9 || got.LastUpdateTime.Int64() == 42 {
		t.Errorf("the parameters are %+v", got)
	}
	moved := direct(devnet.Key(), source.PackTransferOwnership(other))
	if len(moved.Logs) != 1 {
		t.Fatalf("%d events", len(moved.Logs))
	}
	if event, err := source.UnpackOwnershipTransferredEvent(moved.Logs[0]); err != nil || event.PreviousOwner != devnet.Account || event.NewOwner != other {
		t.Errorf("the event is %+v (%v)", event, err)
	}
	// The new owner updates through Nexus too, and the client stays.
	if mined := send(t, client, key, new(big.Int), d.Nexus(), nexus.PackUpdateSource(at, changed)); mined.Status != types.ReceiptStatusSuccessful {
		t.Errorf("the new owner may not update: %+v", mined)
	}
	direct(key, source.PackSetStatus(1))
	if status := ask(t, client, at, source.PackGetStatus(), source.UnpackGetStatus); status != 1 {
		t.Errorf("the status is %d", status)
	}
}

func TestRefusals(t *testing.T) {
	strangersKey, stranger := newKey(t)
	d := start(t, devnet.Options{Balances: map[common.Address]*big.Int{stranger: coin}})
	client := dial(t, d)
	at := publish(t, client, d, devnet.Key(), params(devnet.Account))
	registered := publish(t, client, d, devnet.Key(), params(devnet.Account))
	send(t, client, strangersKey, new(big.Int), d.Nexus(), nexus.PackRegister(registered, stranger, 1))
	gone := publish(t, client, d, devnet.Key(), params(devnet.Account))
	send(t, client, devnet.Key(), new(big.Int), d.Nexus(), nexus.PackInactivateSource(gone))

	mine, anothers := params(devnet.Account), params(stranger)
	none, all := params(devnet.Account), params(devnet.Account)
	none.ImageEnvironments, all.ImageEnvironments = 0, 8
	controls := devnet.NewControls()
	big9 := big.NewInt(9)

	for name, refused := range map[string]struct {
		from common.Address
		to   common.Address
		data []byte
		want any // a revert string, or a custom error
	}{
		"publish for another client":          {devnet.Account, d.Nexus(), nexus.PackPublishSource(anothers), "NotOwner"},
		"publish with no environment":         {devnet.Account, d.Nexus(), nexus.PackPublishSource(none), "InvalidEnvironment"},
		"publish with an unknown environment": {devnet.Account, d.Nexus(), nexus.PackPublishSource(all), "InvalidEnvironment"},
		"update another's source":             {stranger, d.Nexus(), nexus.PackUpdateSource(at, anothers), "NotOwner"},
		"update an inactive source":           {devnet.Account, d.Nexus(), nexus.PackUpdateSource(gone, mine), "SourceInactive"},
		"update to another client":            {devnet.Account, d.Nexus(), nexus.PackUpdateSource(at, anothers), "InvalidClient"},
		"update with no environment":          {devnet.Account, d.Nexus(), nexus.PackUpdateSource(at, none), "InvalidEnvironment"},
		"update what is no source":            {devnet.Account, d.Nexus(), nexus.PackUpdateSource(stranger, mine), "InvalidSource"},
		"inactivate another's source":         {stranger, d.Nexus(), nexus.PackInactivateSource(at), "NotOwner"},
		"inactivate an inactive source":       {devnet.Account, d.Nexus(), nexus.PackInactivateSource(gone), "SourceInactive"},
		"inactivate what is no source":        {devnet.Account, d.Nexus(), nexus.PackInactivateSource(stranger), "InvalidSource"},
		"the id of what is no source":         {devnet.Account, d.Nexus(), nexus.PackGetSourceId(stranger), "InvalidSource"},
		"a page that ends before it starts":   {devnet.Account, d.Nexus(), nexus.PackGetSources(big9, new(big.Int)), "InvalidRange"},
		"a page that is too long":             {devnet.Account, d.Nexus(), nexus.PackGetSources(new(big.Int), big.NewInt(10_001)), "InvalidRange"},
		"register another provider":           {devnet.Account, d.Nexus(), nexus.PackRegister(at, stranger, 1), "NotEligible"},
		"register without an environment":     {stranger, d.Nexus(), nexus.PackRegister(at, stranger, 0), "NotEligible"},
		"register with two environments":      {stranger, d.Nexus(), nexus.PackRegister(at, stranger, 3), "NotEligible"},
		"register with another environment":   {stranger, d.Nexus(), nexus.PackRegister(at, stranger, 4), "NotEligible"},
		"register to an inactive source":      {stranger, d.Nexus(), nexus.PackRegister(gone, stranger, 1), "SourceInactive"},
		"register twice":                      {stranger, d.Nexus(), nexus.PackRegister(registered, stranger, 2), "AlreadyRegistered"},
		"remove a source as a stranger":       {stranger, d.Nexus(), controls.PackRemoveSource(at), contracts.SourceOwnableUnauthorizedAccount{Account: stranger}},
		"refuse as a stranger":                {stranger, d.Nexus(), controls.PackRefuse("no"), contracts.SourceOwnableUnauthorizedAccount{Account: stranger}},
		"set another's parameters":            {stranger, at, source.PackSetSourceParams(anothers), contracts.SourceOwnableUnauthorizedAccount{Account: stranger}},
		"set another's status":                {stranger, at, source.PackSetStatus(1), contracts.SourceOwnableUnauthorizedAccount{Account: stranger}},
		"set an unknown status":               {devnet.Account, at, source.PackSetStatus(2), "InvalidStatus"},
		"take a source":                       {stranger, at, source.PackTransferOwnership(stranger), contracts.SourceOwnableUnauthorizedAccount{Account: stranger}},
		"give a source to nobody":             {devnet.Account, at, source.PackTransferOwnership(common.Address{}), contracts.SourceOwnableInvalidOwner{}},
		"make a source active again":          {devnet.Account, gone, source.PackSetStatus(0), "SourceInactive"},
		"set an inactive source's parameters": {devnet.Account, gone, source.PackSetSourceParams(mine), "SourceInactive"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := reason(t, client, refused.from, refused.to, refused.data); got != refused.want {
				t.Errorf("refused with %v, want %v", got, refused.want)
			}
		})
	}
	t.Run("past the client's last source", func(t *testing.T) {
		_, err := client.CallContract(patient(t), ethereum.CallMsg{To: address(d.Nexus()), Data: nexus.PackSourcesOf(devnet.Account, big9)}, nil)
		if err == nil {
			t.Error("it does not revert")
		}
	})
	t.Run("mined all the same", func(t *testing.T) {
		if mined := send(t, client, strangersKey, new(big.Int), d.Nexus(), nexus.PackInactivateSource(at)); mined.Status != types.ReceiptStatusFailed {
			t.Errorf("it did not revert: %+v", mined)
		}
	})
	t.Run("whatever the real chain may say", func(t *testing.T) {
		for _, want := range []any{"InsufficientLockup", nil} {
			text, _ := want.(string)
			if _, err := d.Refuse(patient(t), text); err != nil {
				t.Fatal(err)
			}
			for _, data := range [][]byte{nexus.PackPublishSource(mine), nexus.PackUpdateSource(at, mine), nexus.PackInactivateSource(at)} {
				if got := reason(t, client, devnet.Account, d.Nexus(), data); got != want {
					t.Errorf("refused with %v, want %v", got, want)
				}
			}
		}
	})
}

func address(a common.Address) *common.Address { return &a }

// reason is why a call is refused: a string, a custom error, or nil if it is not.
func reason(t *testing.T, client *ethclient.Client, from, to common.Address, data []byte) any {
	t.Helper()
	_, err := client.CallContract(patient(t), ethereum.CallMsg{From: from, To: &to, Data: data}, nil)
	if err == nil {
		return nil
	}
	var withData rpc.DataError
	if !errors.As(err, &withData) {
		t.Fatal(err)
	}
	text, _ := withData.ErrorData().(string)
	raw, decodeErr := hexutil.Decode(text)
	if decodeErr != nil {
		t.Fatalf("%v: %v", err, decodeErr)
	}
	if reason, err := abi.UnpackRevert(raw); err == nil {
		return reason
	}
	// Both contracts have the same custom errors.
	custom, err := source.UnpackError(raw)
	if err != nil {
		t.Fatal(err)
	}
	switch is := custom.(type) {
	case *contracts.SourceOwnableUnauthorizedAccount:
		return *is
	case *contracts.SourceOwnableInvalidOwner:
		return *is
	}
	return custom
}

// With manual mining, a control waits like every transaction.
func TestControlsWaitForCommit(t *testing.T) {
	d := start(t, devnet.Options{Manual: true})
	client := dial(t, d)
	refuse, err := d.Refuse(patient(t), "Closed")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Commit(); err != nil {
		t.Fatal(err)
	}
	chaintest.Mined(t, client, refuse.Hash())
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := d.Refuse(ended, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that ended: %v", err)
	}
}
