package devnet

import (
	"fmt"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core"
	"github.com/ethereum/go-ethereum/core/txpool"
	"github.com/ethereum/go-ethereum/eth"
)

// future is how far blocks may be ahead of the clock; the node takes 15 s.
const future = 10 * time.Second

// makeLegacyBlock makes the next block of a chain from before EIP-1559, of what
// waits, and returns its hash. go-ethereum's own maker knows only chains of proof
// of stake, which all have a base fee. So the block is built here and handed to
// the node, which takes it with any proof of work and checks all else.
func makeLegacyBlock(node *eth.Ethereum) (common.Hash, error) {
	chain, pool := node.BlockChain(), node.TxPool()
	if err := pool.Sync(); err != nil {
		return common.Hash{}, err
	}
	head := chain.GetBlockByHash(chain.CurrentBlock().Hash())
	waiting, _ := pool.Pending(txpool.PendingFilter{})
	// Blocks are at least a second apart. Many at once run ahead of the clock.
	at := max(head.Time()+1, uint64(time.Now().Unix()))
	time.Sleep(time.Until(time.Unix(int64(at), 0).Add(-future)))

	blocks, _ := core.GenerateChain(chain.Config(), head, node.Engine(), node.ChainDb(), 1, func(_ int, block *core.BlockGen) {
		block.OffsetTime(int64(at) - int64(block.Timestamp()))
		for account, transactions := range waiting {
			for _, lazy := range transactions {
				tx := lazy.Resolve()
				// Whatever does not fit waits for another block. The rest the pool has seen to.
				if tx == nil || tx.Gas() > block.Gas() || tx.Nonce() != block.TxNonce(account) || tx.Cost().Cmp(block.GetBalance(account).ToBig()) > 0 {
					break
				}
				block.AddTxWithChain(chain, tx)
			}
		}
	})
	if _, err := chain.InsertChain(blocks); err != nil {
		return common.Hash{}, fmt.Errorf("the node does not take the block: %w", err)
	}
	return chain.CurrentBlock().Hash(), nil
}
