package chain_test

import (
	"math/big"

	"github.com/ethereum/go-ethereum/core/types"
	"github.com/opengpu-network/templates/pkg/devnet"
)

// publishMany publishes sources of the devnet's account, in few blocks where the
// node mines by hand, and returns when they are there.
func (p *place) publishMany(n int) {
	p.t.Helper()
	nonce, err := p.direct.PendingNonceAt(p.t.Context(), devnet.Account)
	if err != nil {
		p.t.Fatal(err)
	}
	to := p.node.Nexus()
	signer := types.LatestSignerForChainID(big.NewInt(devnet.DefaultChainID))
	var last *types.Transaction
	for i := range n {
		last = types.MustSignNewTx(devnet.Key(), signer, &types.LegacyTx{
			Nonce: nonce + uint64(i), GasPrice: big.NewInt(1e10), Gas: 2_500_000, To: &to, Data: nexus.PackPublishSource(sourceParams(devnet.Account, 1)),
		})
		p.submit(last)
		if i%16 == 15 || i == n-1 {
			p.waitFor(last.Hash())
		}
	}
}
