// Package chain reads sources from an OpenGPU network and changes them exactly
// once. It does not know how what it publishes was made.
package chain

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/rpc"
	"github.com/opengpu-network/templates/pkg/chain/networks"
)

// Client reads one network through an endpoint. All that comes from there is a
// stranger's. It may be used by several goroutines.
type Client struct {
	Network networks.Network
	endpoint
	// byNumber is true for an endpoint that takes no block hashes (EIP-1898), so
	// that blocks can be named by their numbers only.
	byNumber bool
}

// Options change how a Client behaves; the zero value is the default.
type Options struct {
	// Patience is how long requests that fail are repeated; 0 is 30 seconds.
	Patience time.Duration
}

// Dial connects to an endpoint of the network; an empty URL is the network's own.
// It fails when the chain there is another one, or has no Nexus.
func Dial(ctx context.Context, network networks.Network, endpointURL string, options Options) (*Client, error) {
	if endpointURL == "" {
		endpointURL = network.RPC
	}
	u, err := CheckURL(endpointURL)
	if err != nil {
		return nil, err
	}
	connection, err := dial(ctx, u)
	if err != nil {
		return nil, &EndpointError{u.Host, plain(err)}
	}
	c := &Client{Network: network, endpoint: endpoint{rpc: connection, host: u.Host, patience: options.Patience}}
	if c.patience == 0 {
		c.patience = patience
	}
	if err := c.check(ctx); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// check makes sure that the chain is the network's. Whatever is signed holds the
// network's chain id, not the endpoint's.
func (c *Client) check(ctx context.Context) error {
	var id hexutil.Big
	if err := c.ask(ctx, &id, "eth_chainId"); err != nil {
		return err
	}
	if id.ToInt().Cmp(c.ChainID()) != 0 {
		return fmt.Errorf("the RPC endpoint %s serves the chain %s, and %s is the chain %s: give the endpoint of that network with --rpc-url, or another --network",
			c.host, id.ToInt(), c.Network.Name, c.ChainID())
	}
	at, err := c.Head(ctx)
	if err != nil {
		return err
	}
	var code hexutil.Bytes
	err = c.ask(ctx, &code, "eth_getCode", c.Network.Nexus, c.ref(at))
	if asRefusal(err) != nil {
		c.byNumber = true
		err = c.ask(ctx, &code, "eth_getCode", c.Network.Nexus, "latest")
	}
	if err != nil {
		return err
	}
	if len(code) == 0 {
		return fmt.Errorf("there is no Nexus contract at %s on the %s that %s serves: it is another chain with the same id, or not in step yet", c.Network.Nexus, c.Network.Name, c.host)
	}
	return nil
}

// Close ends the connection.
func (c *Client) Close() { c.rpc.Close() }

// ChainID is the network's.
func (c *Client) ChainID() *big.Int { return new(big.Int).SetUint64(c.Network.ChainID) }

// Block is one block of the chain.
type Block struct {
	Number uint64
	Hash   common.Hash
	Time   time.Time
	// BaseFee in wei; nil on a chain without EIP-1559.
	BaseFee *big.Int
	// GasLimit in gas.
	GasLimit uint64
}

type header struct {
	Number   *hexutil.Uint64 `json:"number"`
	Hash     *common.Hash    `json:"hash"`
	Time     hexutil.Uint64  `json:"timestamp"`
	BaseFee  *hexutil.Big    `json:"baseFeePerGas"`
	GasLimit hexutil.Uint64  `json:"gasLimit"`
}

// Head is the newest block.
func (c *Client) Head(ctx context.Context) (Block, error) { return c.block(ctx, "latest") }

func (c *Client) block(ctx context.Context, which string) (Block, error) {
	b, err := c.find(ctx, which)
	if err != nil {
		return Block{}, err
	}
	if b == nil {
		return Block{}, &EndpointError{c.host, fmt.Errorf("it has no block %s", which)}
	}
	return *b, nil
}

// find is block, and nil when there is none.
func (c *Client) find(ctx context.Context, which string) (*Block, error) {
	var h *header
	if err := c.ask(ctx, &h, "eth_getBlockByNumber", which, false); err != nil {
		return nil, err
	}
	return c.checkHeader(h, which)
}

func (c *Client) checkHeader(h *header, which string) (*Block, error) {
	if h == nil || h.Number == nil || h.Hash == nil {
		return nil, nil
	}
	if which != "latest" && which != number(uint64(*h.Number)) {
		return nil, &EndpointError{c.host, fmt.Errorf("it gives the block %d for the block %s", *h.Number, which)}
	}
	return &Block{uint64(*h.Number), *h.Hash, time.Unix(int64(h.Time), 0).UTC(), (*big.Int)(h.BaseFee), uint64(h.GasLimit)}, nil
}

// Nonce is how many transactions of the account are in the chain up to the block.
func (c *Client) Nonce(ctx context.Context, account common.Address, at Block) (uint64, error) {
	var n hexutil.Uint64
	err := c.ask(ctx, &n, "eth_getTransactionCount", account, c.ref(at))
	return uint64(n), err
}

// Balance of an account at the block, in wei.
func (c *Client) Balance(ctx context.Context, account common.Address, at Block) (*big.Int, error) {
	var wei hexutil.Big
	err := c.ask(ctx, &wei, "eth_getBalance", account, c.ref(at))
	return wei.ToInt(), err
}

// EstimateGas is how much gas a call takes at the block. The error is a
// *RevertError when the contract refuses it.
func (c *Client) EstimateGas(ctx context.Context, from common.Address, call Call, at Block) (uint64, error) {
	var gas hexutil.Uint64
	err := c.ask(ctx, &gas, "eth_estimateGas", message{&from, call.To, call.Data}, c.ref(at))
	if refuses(err, "too many arguments") { // some take no block
		err = c.ask(ctx, &gas, "eth_estimateGas", message{&from, call.To, call.Data})
	}
	return uint64(gas), asRevert(err)
}

// refuses is true for a refusal of the endpoint with such a text.
func refuses(err error, sign string) bool {
	no := asRefusal(err)
	return no != nil && strings.Contains(strings.ToLower(no.text), sign)
}

// Receipt is what became of a transaction; nil while it is in no block.
func (c *Client) Receipt(ctx context.Context, hash common.Hash) (*types.Receipt, error) {
	var receipt *types.Receipt
	if err := c.ask(ctx, &receipt, "eth_getTransactionReceipt", hash); err != nil {
		return nil, err
	}
	return c.checkReceipt(receipt, hash)
}

func (c *Client) checkReceipt(receipt *types.Receipt, hash common.Hash) (*types.Receipt, error) {
	if receipt != nil && (receipt.BlockNumber == nil || !receipt.BlockNumber.IsUint64() || receipt.TxHash != hash) {
		return nil, &EndpointError{c.host, fmt.Errorf("it gives a receipt of another transaction than %s", hash)}
	}
	return receipt, nil
}

// whereabouts asks at once for the newest block, the receipts of transactions, nil
// where there is none, and the account's nonce at about that block.
func (c *Client) whereabouts(ctx context.Context, hashes []common.Hash, account common.Address) (Block, []*types.Receipt, uint64, error) {
	requests := []*request{
		{method: "eth_getBlockByNumber", args: []any{"latest", false}},
		{method: "eth_getTransactionCount", args: []any{account, "latest"}},
	}
	for _, hash := range hashes {
		requests = append(requests, &request{method: "eth_getTransactionReceipt", args: []any{hash}})
	}
	var h *header
	var nonce hexutil.Uint64
	receipts := make([]*types.Receipt, len(hashes))
	if err := c.askAll(ctx, requests); err != nil {
		return Block{}, nil, 0, err
	}
	for i, r := range requests {
		if r.refused != nil {
			return Block{}, nil, 0, &EndpointError{c.host, r.refused}
		}
		var into any = &h
		switch {
		case i == 1:
			into = &nonce
		case i > 1:
			into = &receipts[i-2]
		}
		if err := json.Unmarshal(r.result, into); err != nil {
			return Block{}, nil, 0, &EndpointError{c.host, err}
		}
	}
	for i, hash := range hashes {
		if _, err := c.checkReceipt(receipts[i], hash); err != nil {
			return Block{}, nil, 0, err
		}
	}
	at, err := c.checkHeader(h, "latest")
	if err == nil && at == nil {
		err = &EndpointError{c.host, errors.New("it has no block latest")}
	}
	if err != nil {
		return Block{}, nil, 0, err
	}
	return *at, receipts, uint64(nonce), nil
}

// message is a call as nodes take it.
type message struct {
	From *common.Address `json:"from,omitempty"`
	To   common.Address  `json:"to"`
	Data hexutil.Bytes   `json:"input"`
}

func number(n uint64) string { return hexutil.EncodeUint64(n) }

// ref names a block to the endpoint, by its hash: two answers are then about the
// same chain, also when it was reorganised in between, or when one of several
// nodes behind the endpoint's name has another block with that number. The answer
// may be about a block that is no longer part of the chain.
func (c *Client) ref(at Block) any {
	if c.byNumber || at.Hash == (common.Hash{}) {
		return number(at.Number)
	}
	return map[string]any{"blockHash": at.Hash}
}

// gone is true for the refusal to tell of a block that is no longer part of the
// chain, or not known.
func gone(err error) bool {
	for _, sign := range []string{"not currently canonical", "not canonical", "header for hash not found", "header not found", "block not found", "unknown block"} {
		if refuses(err, sign) {
			return true
		}
	}
	return false
}

// stands is true while the block is part of the chain.
func (c *Client) stands(ctx context.Context, at Block) (bool, error) {
	now, err := c.find(ctx, number(at.Number))
	return now != nil && now.Hash == at.Hash, err
}

// Call is a call of a contract.
type Call struct {
	To   common.Address
	Data []byte
}

// PublishSource is the call that makes a new source. Payments are in wei,
// durations in seconds.
func PublishSource(n networks.Network, params Params) Call {
	return Call{n.Nexus, nexus.PackPublishSource(params)}
}

// UpdateSource is the call that changes a source.
func UpdateSource(n networks.Network, address common.Address, params Params) Call {
	return Call{n.Nexus, nexus.PackUpdateSource(address, params)}
}

// InactivateSource is the call that retires a source, for good.
func InactivateSource(n networks.Network, address common.Address) Call {
	return Call{n.Nexus, nexus.PackInactivateSource(address)}
}

// read calls a contract without a transaction. The error is a *RevertError when
// it refuses.
func (c *Client) read(ctx context.Context, call Call, at Block) ([]byte, error) {
	var answer hexutil.Bytes
	err := c.ask(ctx, &answer, "eth_call", message{nil, call.To, call.Data}, c.ref(at))
	return answer, asRevert(err)
}

// readAll calls contracts in batches. An answer is nil where its contract
// refuses.
func (c *Client) readAll(ctx context.Context, calls []Call, at Block) ([][]byte, error) {
	requests := make([]*request, len(calls))
	for i, call := range calls {
		requests[i] = &request{method: "eth_call", args: []any{message{nil, call.To, call.Data}, c.ref(at)}}
	}
	if err := c.askAll(ctx, requests); err != nil {
		return nil, err
	}
	answers := make([][]byte, len(calls))
	for i, r := range requests {
		switch {
		case r.refused != nil && reverted(r.refused):
		case r.refused != nil:
			return nil, &EndpointError{c.host, r.refused}
		default:
			var answer hexutil.Bytes
			if err := json.Unmarshal(r.result, &answer); err != nil {
				return nil, &EndpointError{c.host, fmt.Errorf("it answers a call with %.100q", r.result)}
			}
			answers[i] = answer
		}
	}
	return answers, nil
}

var _ rpc.Error = (*refusal)(nil)
