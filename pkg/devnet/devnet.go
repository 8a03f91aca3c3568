// Package devnet is a chain of one's own: a real EVM node in this process, whose
// first block holds a stand-in for OpenGPU's contracts, and a stand-in for
// OpenGPU's pinning service. Both listen on loopback only. Nothing is written to
// disk, and what was published ends with the devnet.
//
// The contracts have the real ones' interface, pkg/chain/contracts. What is
// behind it is this package's own; see the files in contracts/.
package devnet

import (
	"context"
	"crypto/ecdsa"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"sync"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
)

// DefaultChainID is the chain's id where Options name none.
const DefaultChainID = 1337

// PrivateKey is the key of Account, in hex. Everybody knows it: it is the first
// account of other development networks too. It owns nothing on any real chain.
const PrivateKey = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"

// Addresses that are there from the first block on.
var (
	// Account has coins. Its key is public: see PrivateKey.
	Account = common.HexToAddress("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266")
	// NexusAddress is where Nexus is, where Options name no other place.
	NexusAddress = common.HexToAddress("0x0de7000000000000000000000000000000000001")
)

// ErrClosed is what a devnet says after Close.
var ErrClosed = errors.New("the devnet was closed")

// Key is the private key of Account. Use it on a devnet only.
func Key() *ecdsa.PrivateKey { return mustKey(PrivateKey) }

// Options say how a devnet shall be. The zero value is a devnet on free ports
// that mines each transaction at once.
type Options struct {
	// ChainID is the chain's id; 0 is DefaultChainID.
	ChainID uint64
	// Nexus is where the stand-in for Nexus is; zero is NexusAddress.
	Nexus common.Address
	// Balances are what accounts have in the first block, in wei. Account has a
	// million coins unless it is named here.
	Balances map[common.Address]*big.Int
	// Manual leaves mining to Commit.
	Manual bool
	// Legacy makes a chain from before EIP-1559: its blocks have no base fee, and
	// it takes no transactions that name one.
	Legacy bool
	// RPCAddress and PinningAddress are where to listen, such as
	// "127.0.0.1:8545"; empty is any free port of 127.0.0.1. They must be
	// addresses of loopback, as everybody knows the key.
	RPCAddress, PinningAddress string
	// Log takes what the node tells of itself; nil is nobody. The deeper parts of
	// go-ethereum tell it to their own process-wide logger instead, which is
	// silent unless the program sets it.
	Log slog.Handler
}

// Devnet is a running node and its pinning service. Its methods may be called by
// several goroutines at once.
type Devnet struct {
	nexus    common.Address
	chain    *chain
	rpc      *server
	pinning  *server
	controls sync.Mutex
	closing  sync.Once
	closed   error
}

// Start starts a devnet: it listens when Start returns, and its newest block is
// an empty one, number 1. The context is for the start alone; call Close when
// done.
func Start(ctx context.Context, options Options) (*Devnet, error) {
	if options.ChainID == 0 {
		options.ChainID = DefaultChainID
	}
	if options.Nexus == (common.Address{}) {
		options.Nexus = NexusAddress
	}
	d := &Devnet{nexus: options.Nexus}
	if err := d.start(ctx, options); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

func (d *Devnet) start(ctx context.Context, options Options) error {
	// Ports first: that one is taken is the likeliest to go wrong.
	rpcListener, err := listen(ctx, options.RPCAddress)
	if err != nil {
		return err
	}
	pinningListener, err := listen(ctx, options.PinningAddress)
	if err != nil {
		return errors.Join(err, rpcListener.Close())
	}
	d.rpc, d.pinning = &server{listener: rpcListener}, &server{listener: pinningListener}

	first, err := genesis(options)
	if err != nil {
		return err
	}
	d.chain, err = startChain(ctx, first, options)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	d.rpc.serve(d.chain.handler(), time.Minute)
	d.pinning.serve(newPins(d.GatewayURL()), time.Minute)
	return nil
}

// Close ends the node and both servers, and waits for them. It may be called more
// than once.
func (d *Devnet) Close() error {
	d.closing.Do(func() {
		var failures []error
		for _, s := range []*server{d.rpc, d.pinning} {
			if s != nil {
				failures = append(failures, s.close())
			}
		}
		if d.chain != nil {
			failures = append(failures, d.chain.close())
		}
		d.closed = errors.Join(failures...)
	})
	return d.closed
}

// RPCURL is where the node answers JSON-RPC.
func (d *Devnet) RPCURL() string { return d.rpc.url() }

// PinningURL takes uploads as OpenGPU's pinning service does.
func (d *Devnet) PinningURL() string { return d.pinning.url() + uploadPath }

// GatewayURL serves what was uploaded, at /ipfs/<CID>.
func (d *Devnet) GatewayURL() string { return d.pinning.url() }

// Nexus is the address of the registry.
func (d *Devnet) Nexus() common.Address { return d.nexus }

// Commit mines a block now, with what waits and also if nothing waits, and
// returns its hash.
func (d *Devnet) Commit() (common.Hash, error) { return d.chain.commit() }

// Fork makes a block the newest one, as if those after it had never been. It fails
// while transactions wait: Rollback drops them. The next Commit makes the block
// that replaces the first of those that were left.
func (d *Devnet) Fork(parent common.Hash) error { return d.chain.fork(parent) }

// Rollback drops the transactions that wait.
func (d *Devnet) Rollback() error { return d.chain.rollback() }

// listen listens on an address of loopback.
func listen(ctx context.Context, address string) (net.Listener, error) {
	if address == "" {
		address = "127.0.0.1:0"
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("%q is no address to listen on; it is like 127.0.0.1:8545: %w", address, err)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("%q is not an address of loopback, such as 127.0.0.1:8545: everybody knows the devnet's key", address)
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("the devnet cannot listen on %s; name another address, or a port of 0 for any free one: %w", address, err)
	}
	return listener, nil
}

// mustKey reads a key that stands in this package.
func mustKey(hex string) *ecdsa.PrivateKey {
	key, err := crypto.HexToECDSA(hex)
	if err != nil {
		panic(err)
	}
	return key
}
