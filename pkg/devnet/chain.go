package devnet

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/consensus/misc/eip1559"
	"github.com/ethereum/go-ethereum/core"
	"github.com/ethereum/go-ethereum/core/rawdb"
	"github.com/ethereum/go-ethereum/core/txpool"
	"github.com/ethereum/go-ethereum/eth"
	"github.com/ethereum/go-ethereum/eth/catalyst"
	"github.com/ethereum/go-ethereum/eth/ethconfig"
	"github.com/ethereum/go-ethereum/eth/filters"
	"github.com/ethereum/go-ethereum/event"
	"github.com/ethereum/go-ethereum/log"
	"github.com/ethereum/go-ethereum/node"
	"github.com/ethereum/go-ethereum/p2p"
	"github.com/ethereum/go-ethereum/rpc"
	"github.com/holiman/uint256"
)

// chain is go-ethereum's node without peers, and what makes its blocks.
type chain struct {
	node   *node.Node
	eth    *eth.Ethereum
	rpc    *rpc.Server
	beacon *catalyst.SimulatedBeacon // nil where the chain is from before EIP-1559

	mu     sync.Mutex // held while a block is made or left
	closed bool

	pending event.Subscription
	mining  sync.WaitGroup
}

// startChain starts a node with this first block, in memory, and one empty block
// after it. It opens no ports.
func startChain(ctx context.Context, first *core.Genesis, options Options) (_ *chain, err error) {
	nodeConfig := node.Config{
		Name: "devnet",
		P2P:  p2p.Config{NoDiscovery: true, NoDial: true},
		// Nothing reads or writes keys. Any folder that is there keeps the node from
		// making one.
		KeyStoreDir: os.TempDir(),
	}
	if options.Log != nil {
		nodeConfig.Logger = log.NewLogger(options.Log)
	}
	stack, err := node.New(&nodeConfig)
	if err != nil {
		return nil, err
	}
	c := &chain{node: stack}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.close())
		}
	}()

	config := ethconfig.Defaults
	config.Genesis = first
	config.NetworkId = options.ChainID
	config.SyncMode = ethconfig.FullSync
	// Every state stays, so that history can be asked and blocks can be left.
	config.NoPruning = true
	config.StateScheme = rawdb.HashScheme
	config.TrieCleanCache, config.TrieDirtyCache, config.SnapshotCache = 8, 8, 0
	// Logs are looked for in the blocks themselves: there are few.
	config.LogNoHistory = true
	config.TxPool.NoLocals = true
	config.Miner.GasCeil = gasLimit
	if c.eth, err = eth.New(stack, &config); err != nil {
		return nil, err
	}
	if c.rpc, err = newRPC(c.eth, filters.NewFilterSystem(c.eth.APIBackend, filters.Config{})); err != nil {
		return nil, err
	}
	if err = stack.Start(); err != nil {
		return nil, err
	}
	if !options.Legacy {
		if c.beacon, err = catalyst.NewSimulatedBeacon(0, common.Address{}, c.eth); err != nil {
			return nil, err
		}
	}
	if err = c.prepare(ctx); err != nil {
		return nil, err
	}
	if !options.Manual {
		c.mineAtOnce()
	}
	return c, nil
}

// prepare makes an empty block and waits until the node knows that there is
// nothing in it. Before that it answers no questions about transactions.
func (c *chain) prepare(ctx context.Context) error {
	if _, err := c.commit(); err != nil {
		return err
	}
	for !c.eth.BlockChain().TxIndexDone() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
	return nil
}

// newRPC serves the namespaces eth, net and web3, and no other: the node has
// some that are for its owner only.
func newRPC(backend *eth.Ethereum, system *filters.FilterSystem) (*rpc.Server, error) {
	server := rpc.NewServer()
	server.SetBatchLimits(node.DefaultConfig.BatchRequestLimit, node.DefaultConfig.BatchResponseMaxSize)
	server.SetHTTPBodyLimit(node.DefaultConfig.HTTPBodyLimit)
	apis := append(backend.APIs(),
		rpc.API{Namespace: "eth", Service: filters.NewFilterAPI(system)},
		rpc.API{Namespace: "web3", Service: web3{}})
	for _, api := range apis {
		if !slices.Contains([]string{"eth", "net", "web3"}, api.Namespace) {
			continue
		}
		if err := server.RegisterName(api.Namespace, api.Service); err != nil {
			return nil, err
		}
	}
	return server, nil
}

// handler serves JSON-RPC over HTTP to programs of this machine: no pages of
// other origins, no other names of the host.
func (c *chain) handler() http.Handler {
	return node.NewHTTPHandlerStack(c.rpc, nil, []string{"localhost"}, nil, false)
}

// mineAtOnce makes a block for each transaction that can be in one.
func (c *chain) mineAtOnce() {
	events := make(chan core.NewTxsEvent)
	wake := make(chan struct{}, 1)
	c.pending = c.eth.TxPool().SubscribeTransactions(events, true)
	// The pool waits until an event is taken, and making a block waits for the
	// pool. So one goroutine takes events and another one makes blocks.
	c.mining.Go(func() {
		defer close(wake)
		for {
			select {
			case <-events:
				select {
				case wake <- struct{}{}:
				default: // a block will be made that is not begun yet
				}
			case <-c.pending.Err():
				return
			}
		}
	})
	c.mining.Go(func() {
		for range wake {
			c.mine()
		}
	})
}

// maxEmpty is how many blocks in a row may leave out what could be in them: the
// pool and the making of blocks run side by side.
const maxEmpty = 20

// mine makes blocks until all transactions that can be in one are. One that pays
// too little for a block waits on, as it does elsewhere.
func (c *chain) mine() {
	for empty := 0; empty < maxEmpty && c.mineable(); {
		if _, err := c.commit(); err != nil {
			return
		}
		if c.eth.BlockChain().CurrentBlock().GasUsed > 0 {
			empty = 0
			continue
		}
		empty++
		time.Sleep(5 * time.Millisecond)
	}
}

// mineable is true when a transaction waits that pays enough for the next block.
func (c *chain) mineable() bool {
	// The pool tells some transactions twice, and leaves out late what was mined. Of
	// two that wait for it to be in step, it forgets one: so nobody else may, as
	// those do who make blocks.
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || c.eth.TxPool().Sync() != nil {
		return false
	}
	var filter txpool.PendingFilter
	if head := c.eth.BlockChain().CurrentBlock(); head.BaseFee != nil {
		filter.BaseFee = uint256.MustFromBig(eip1559.CalcBaseFee(c.eth.BlockChain().Config(), head))
		filter.MinTip = uint256.MustFromBig(ethconfig.Defaults.Miner.GasPrice)
	}
	_, waiting := c.eth.TxPool().Pending(filter)
	return waiting > 0
}

func (c *chain) commit() (common.Hash, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return common.Hash{}, ErrClosed
	}
	if c.beacon == nil {
		return makeLegacyBlock(c.eth)
	}
	before := c.eth.BlockChain().CurrentBlock().Hash()
	after := c.beacon.Commit()
	if after == before {
		return common.Hash{}, fmt.Errorf("the devnet made no block after %s", before)
	}
	return after, nil
}

func (c *chain) fork(parent common.Hash) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return ErrClosed
	}
	if err := c.eth.TxPool().Sync(); err != nil {
		return err
	}
	if waiting, _ := c.eth.TxPool().Stats(); waiting > 0 {
		return fmt.Errorf("%d transactions wait; drop them with Rollback before Fork", waiting)
	}
	block := c.eth.BlockChain().GetBlockByHash(parent)
	if block == nil {
		return fmt.Errorf("the devnet has no block %s", parent)
	}
	_, err := c.eth.BlockChain().SetCanonical(block)
	return err
}

func (c *chain) rollback() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return ErrClosed
	}
	c.eth.TxPool().Clear()
	return nil
}

// close ends what startChain began, as far as it came.
func (c *chain) close() error {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	if c.pending != nil {
		c.pending.Unsubscribe()
	}
	c.mining.Wait()
	var err error
	if c.beacon != nil {
		err = c.beacon.Stop()
	}
	if c.rpc != nil {
		c.rpc.Stop()
	}
	return errors.Join(err, c.node.Close())
}
