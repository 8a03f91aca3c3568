package chain_test

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/ethclient"
	"github.com/opengpu-network/templates/pkg/chain"
	"github.com/opengpu-network/templates/pkg/chain/chaintest"
	"github.com/opengpu-network/templates/pkg/chain/contracts"
	"github.com/opengpu-network/templates/pkg/chain/networks"
	"github.com/opengpu-network/templates/pkg/chain/signer"
	"github.com/opengpu-network/templates/pkg/devnet"
)

// patience is for what must happen, on a machine with much else to do.
const patience = 2 * time.Minute

var nexus = contracts.NewNexus()

// place is a node, a proxy before it, and the way around it.
type place struct {
	t     testing.TB
	node  *devnet.Devnet
	proxy *chaintest.Proxy
	// direct leads to the node itself.
	direct *ethclient.Client

	mu   sync.Mutex // held while blocks are made or left
	stop func()
}

func newPlace(t testing.TB, options devnet.Options) *place {
	t.Helper()
	node, err := devnet.Start(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { node.Close() })
	return &place{t: t, node: node, proxy: chaintest.NewProxy(t, node.RPCURL()), direct: dialDirect(t, node.RPCURL())}
}

func dialDirect(t testing.TB, url string) *ethclient.Client {
	t.Helper()
	direct, err := ethclient.Dial(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(direct.Close)
	return direct
}

func network() networks.Network {
	n, _ := networks.Find(networks.Devnet)
	return n
}

// mine makes blocks until the test ends, or pause is called.
func (p *place) mine() {
	done, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		for {
			select {
			case <-done:
				return
			case <-time.After(20 * time.Millisecond):
				p.mu.Lock()
				_, _ = p.node.Commit()
				p.mu.Unlock()
			}
		}
	}()
	p.stop = sync.OnceFunc(func() { close(done); <-over })
	p.t.Cleanup(p.stop)
}

// replace makes the chain go on from a block, as if nothing had happened since,
// with empty blocks: one more than there were.
func (p *place) replace(parent common.Hash) {
	p.mu.Lock()
	defer p.mu.Unlock()
	head := p.head().Number.Uint64()
	from, err := p.direct.HeaderByHash(context.Background(), parent)
	if err != nil {
		p.t.Error(err)
		return
	}
	for _, do := range []func() error{p.node.Rollback, func() error { return p.node.Fork(parent) }, p.node.Rollback} {
		if err := do(); err != nil {
			p.t.Error(err)
			return
		}
	}
	for range head - from.Number.Uint64() + 1 {
		p.commit()
	}
}

// commit makes a block.
func (p *place) commit() {
	if _, err := p.node.Commit(); err != nil {
		p.t.Error(err)
	}
}

func (p *place) head() *types.Header {
	head, err := p.direct.HeaderByNumber(context.Background(), nil)
	if err != nil {
		p.t.Error(err)
		return &types.Header{Number: new(big.Int)}
	}
	return head
}

// counts are how many sources were published, and how many updates each version
// had, on the chain as it is now.
func (p *place) counts() (published int, updates map[string]int) {
	p.t.Helper()
	return countsOn(p.t, p.direct, p.node.Nexus())
}

func countsOn(t testing.TB, direct *ethclient.Client, at common.Address) (published int, updates map[string]int) {
	t.Helper()
	logs, err := direct.FilterLogs(t.Context(), ethereum.FilterQuery{Addresses: []common.Address{at}})
	if err != nil {
		t.Fatal(err)
	}
	updates = map[string]int{}
	for _, log := range logs {
		if _, err := nexus.UnpackSourcePublishedEvent(&log); err == nil {
			published++
		}
		if e, err := nexus.UnpackSourceUpdatedEvent(&log); err == nil {
			updates[e.SourceParams.ImageMetadataUrl]++
		}
	}
	return published, updates
}

// wantOnce checks that versions were brought to the chain, each once: the first
// as a source, the others as its updates.
func (p *place) wantOnce(versions int) {
	p.t.Helper()
	published, updates := p.counts()
	if published != min(versions, 1) || len(updates) != max(versions-1, 0) {
		p.t.Errorf("there are %d sources and the updates %v for %d versions", published, updates, versions)
	}
	for version, n := range updates {
		if n != 1 {
			p.t.Errorf("%s was brought to the chain %d times", version, n)
		}
	}
}

// link is where the metadata of a version is.
func link(version int) string { return fmt.Sprintf("https://files.example/v%d", version) }

func sourceParams(client common.Address, version int) chain.Params {
	return chain.Params{
		Client: client, ImageMetadataUrl: link(version), ImageEnvironments: 1, MinPayment: big.NewInt(1),
		MinAvailableLockup: new(big.Int), MaxExpiryDuration: big.NewInt(3600), LastUpdateTime: new(big.Int),
	}
}

// bring is what brings a version to the chain: the first as a source, the others
// as updates.
func bring(c *chain.Client, client common.Address, version int) chain.Look {
	return func(ctx context.Context, at chain.Block) (*chain.Call, error) {
		sources, err := c.SourcesOf(ctx, client, at)
		if err != nil {
			return nil, err
		}
		wanted := sourceParams(client, version)
		switch {
		case len(sources) > 1:
			return nil, fmt.Errorf("there are %d sources", len(sources))
		case len(sources) == 0 && version == 1:
			return &chain.Call{To: c.Network.Nexus, Data: nexus.PackPublishSource(wanted)}, nil
		case len(sources) == 0:
			return nil, errors.New("there is no source to update")
		case sources[0].Params.ImageMetadataUrl >= link(version):
			return nil, nil
		}
		return &chain.Call{To: c.Network.Nexus, Data: nexus.PackUpdateSource(sources[0].Address, wanted)}, nil
	}
}

// memory keeps transactions as a journal does, and counts them.
type memory struct {
	mu  sync.Mutex
	txs []*types.Transaction
}

func (m *memory) Signed() []*types.Transaction {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.txs)
}

func (m *memory) Keep(tx *types.Transaction) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.txs = append(m.txs, tx)
	return nil
}

// sending is how a run shall be.
type sending struct {
	url           string // the proxy's unless said
	key           string // the devnet's unless said
	network       networks.Network
	memory        chain.Memory
	confirmations uint64
	patience      time.Duration // of the sender
	asking        time.Duration // patience with the endpoint
	bump          time.Duration
	progress      func(chain.Step)
	look          func(chain.Look) chain.Look
}

// once brings a version to the chain in one run.
func (p *place) once(s sending, version int) (*chain.Sent, error) {
	if s.url == "" {
		s.url = p.proxy.URL
	}
	return once(p.t.Context(), s, version)
}

func once(ctx context.Context, s sending, version int) (*chain.Sent, error) {
	if s.key == "" {
		s.key = devnet.PrivateKey
	}
	if s.patience == 0 {
		s.patience = patience
	}
	if s.bump == 0 {
		s.bump = 2 * time.Second
	}
	if s.network.Name == "" {
		s.network = network()
	}
	client, err := chain.Dial(ctx, s.network, s.url, chain.Options{Patience: s.asking})
	if err != nil {
		return nil, err
	}
	defer client.Close()
	from, err := signer.FromKey(s.key)
	if err != nil {
		return nil, err
	}
	sender := &chain.Sender{
		Client: client, Signer: from, Memory: s.memory, Limits: chain.DefaultLimits(), Confirmations: s.confirmations,
		Patience: s.patience, Bump: s.bump, Progress: s.progress,
	}
	look := bring(client, from.Address(), version)
	if s.look != nil {
		look = s.look(look)
	}
	return sender.Once(ctx, look)
}

// unrelated is a payment of the account.
func (p *place) unrelated(nonce uint64, gasPrice int64) *types.Transaction {
	p.t.Helper()
	to := common.Address{19: 9}
	return types.MustSignNewTx(devnet.Key(), types.LatestSignerForChainID(big.NewInt(devnet.DefaultChainID)), &types.LegacyTx{
		Nonce: nonce, GasPrice: big.NewInt(gasPrice), Gas: 21_000, To: &to, Value: big.NewInt(1),
	})
}

// submit hands a transaction to the node itself.
func (p *place) submit(tx *types.Transaction) {
	p.t.Helper()
	if err := p.direct.SendTransaction(context.Background(), tx); err != nil && !strings.Contains(err.Error(), "already known") {
		p.t.Error(err)
	}
}

// waitFor waits until a transaction is in a block.
func (p *place) waitFor(hash common.Hash) {
	p.t.Helper()
	chaintest.Mined(p.t, p.direct, hash)
}

// newKey is a key that nobody knows, and its account.
func newKey(t testing.TB) (string, common.Address) {
	t.Helper()
	key, err := crypto.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	return common.Bytes2Hex(crypto.FromECDSA(key)), crypto.PubkeyToAddress(key.PublicKey)
}

func number(n uint64) *big.Int { return new(big.Int).SetUint64(n) }
