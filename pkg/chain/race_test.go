package chain_test

import (
	"context"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/params"
	"github.com/opengpu-network/templates/pkg/chain"
	"github.com/opengpu-network/templates/pkg/chain/chaintest"
	"github.com/opengpu-network/templates/pkg/devnet"
)

// TestManySenders has several senders with one key bring the same version to the
// chain at once, each with a memory of its own, while the account pays somebody.
func TestManySenders(t *testing.T) {
	for _, senders := range []int{2, 8} {
		for _, options := range []devnet.Options{{}, {Legacy: true}, {Manual: true}} {
			p := newPlace(t, options)
			if options.Manual {
				p.mine()
			}
			for version := 1; version <= 3; version++ {
				var group sync.WaitGroup
				for i := range senders {
					group.Go(func() {
						s := sending{memory: &memory{}}
						if i == 0 { // another transaction, between its look and its signature
							s.look = func(look chain.Look) chain.Look {
								paid := false
								return func(ctx context.Context, at chain.Block) (*chain.Call, error) {
									call, err := look(ctx, at)
									if call != nil && !paid {
										paid = true
										p.pay()
									}
									return call, err
								}
							}
						}
						if _, err := p.once(s, version); err != nil {
							t.Error(err)
						}
					})
				}
				group.Wait()
				p.wantOnce(version)
			}
		}
	}
}

// pay pays somebody with the account's next nonce, if nobody is faster.
func (p *place) pay() {
	nonce, err := p.direct.NonceAt(context.Background(), devnet.Account, nil)
	if err != nil {
		p.t.Error(err)
		return
	}
	_ = p.direct.SendTransaction(context.Background(), p.unrelated(nonce, 1e11))
}

// TestReplaced has another transaction of the account wait with the nonce.
func TestReplaced(t *testing.T) {
	p := newPlace(t, devnet.Options{Manual: true})
	p.submit(p.unrelated(0, 1e12))
	kept := &memory{}
	_, err := p.once(sending{memory: kept, patience: time.Second}, 1)
	if err == nil || !strings.Contains(err.Error(), "another transaction of the account with the nonce 0 is waiting") {
		t.Fatalf("%v", err)
	}
	p.commit()
	p.mine()
	if _, err := p.once(sending{memory: kept}, 1); err != nil {
		t.Fatal(err)
	}
	p.wantOnce(1)
}

// TestBump raises the fee of a transaction that is not mined, and goes on with it
// in another run.
func TestBump(t *testing.T) {
	for name, options := range map[string]devnet.Options{"EIP-1559": {Manual: true}, "legacy": {Manual: true, Legacy: true}} {
		for _, forgets := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				p := newPlace(t, options)
				kept := &memory{}
				_, err := p.once(sending{memory: kept, patience: 2 * time.Second, bump: 300 * time.Millisecond}, 1)
				if err == nil || !strings.Contains(err.Error(), "not final yet") {
					t.Fatalf("%v", err)
				}
				signed := kept.Signed()
				if len(signed) < 2 {
					t.Fatalf("%d were signed", len(signed))
				}
				for i, tx := range signed[1:] {
					if tx.Nonce() != 0 || tx.GasFeeCapCmp(signed[i]) <= 0 {
						t.Errorf("the nonce is %d, and the fee %s after %s", tx.Nonce(), tx.GasFeeCap(), signed[i].GasFeeCap())
					}
				}
				if forgets {
					kept = &memory{}
				}
				p.mine()
				if _, err := p.once(sending{memory: kept}, 1); err != nil {
					t.Fatal(err)
				}
				if now := len(kept.Signed()); !forgets && now != len(signed) {
					t.Errorf("%d were signed, and then %d", len(signed), now)
				}
				p.wantOnce(1)
			})
		}
	}
}

// TestUndone leaves the block that the transaction is in.
func TestUndone(t *testing.T) {
	for _, c := range []struct {
		name string
		// then happens after the block was left.
		then func(p *place)
	}{
		{"nothing takes its place", func(*place) {}},
		{"another transaction takes the nonce", func(p *place) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.submit(p.unrelated(0, 1e12))
			p.commit()
		}},
	} {
		for _, options := range []devnet.Options{{Manual: true}, {Manual: true, Legacy: true}} {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				p := newPlace(t, options)
				p.commit()
				parent := p.head().Hash()
				p.proxy.Fail(func(r request) fault {
					if r.Method == receipt && r.Count == 1 {
						p.commit() // the transaction is in this block
					}
					return fault{}
				})
				left, undone := 0, false
				sent, err := p.once(sending{memory: &memory{}, confirmations: 3, progress: func(step chain.Step) {
					undone = undone || step.Kind == chain.Undone || step.Kind == chain.Overtaken
					if step.Kind == chain.Confirming && left == 0 {
						left++
						p.replace(parent)
						c.then(p)
						p.mine()
					}
				}}, 1)
				if err != nil || sent == nil {
					t.Fatalf("%v, %v", sent, err)
				}
				if !undone {
					t.Error("nobody was told that it was undone")
				}
				p.wantOnce(1)
				header, err := p.direct.HeaderByNumber(t.Context(), new(big.Int).SetUint64(sent.Block))
				if err != nil || header.Hash() != sent.Receipt.BlockHash {
					t.Errorf("it is final in %s, which is not in the chain (%v)", sent.Receipt.BlockHash, err)
				}
			})
		}
	}
}

// TestReorganisedDuringLook leaves the block with another publisher's transaction
// after the nonce was read there, and before the sources are looked at. That
// transaction comes back.
func TestReorganisedDuringLook(t *testing.T) {
	for _, byNumber := range []bool{false, true} {
		p := newPlace(t, devnet.Options{Manual: true})
		p.commit()
		parent := p.head().Hash()
		other := p.publication(0, 1e11)
		p.submit(other)
		p.commit()
		if byNumber {
			p.proxy.Fail(func(r request) fault {
				if strings.Contains(string(r.Params), "blockHash") {
					return rpcError(-32602, "invalid argument 1: cannot unmarshal object")
				}
				return fault{}
			})
		}
		looks := 0
		_, err := p.once(sending{look: func(look chain.Look) chain.Look {
			return func(ctx context.Context, at chain.Block) (*chain.Call, error) {
				if looks++; looks == 1 {
					p.replace(parent)
					defer func() {
						p.submit(other)
						p.mine()
					}()
				}
				return look(ctx, at)
			}
		}}, 1)
		if err != nil {
			t.Fatal(err)
		}
		p.waitFor(other.Hash())
		p.wantOnce(1)
	}
}

// TestOvertakenThenReorganised has another transaction overtake ours in a block
// that is left again, in favour of ours.
func TestOvertakenThenReorganised(t *testing.T) {
	p := newPlace(t, devnet.Options{Manual: true})
	p.commit()
	parent := p.head().Hash()
	var once sync.Once
	var ours *types.Transaction
	kept := &memory{}
	_, err := p.once(sending{memory: kept, confirmations: 6, bump: time.Minute, progress: func(step chain.Step) {
		switch step.Kind {
		case chain.Sending:
			once.Do(func() { // before ours
				ours = kept.Signed()[0]
				p.submit(p.unrelated(0, 1e12))
				p.commit()
				p.commit()
			})
		case chain.Waiting: // for the other one to be final
			if p.stop == nil {
				p.replace(parent)
				p.submit(ours)
				p.mine()
			}
		}
	}}, 1)
	if err != nil {
		t.Fatal(err)
	}
	p.wantOnce(1)
	if signed := len(kept.Signed()); signed != 1 {
		t.Errorf("%d were signed", signed)
	}
}

// TestWaitsForTheAccount does not conclude anything from what is not final.
func TestWaitsForTheAccount(t *testing.T) {
	p := newPlace(t, devnet.Options{Manual: true})
	p.submit(p.publication(0, 1e11))
	p.commit()
	_, err := p.once(sending{confirmations: 4, patience: time.Second}, 1)
	if err == nil || !strings.Contains(err.Error(), "is not final yet") {
		t.Fatalf("%v", err)
	}
	p.mine()
	if sent, err := p.once(sending{confirmations: 4}, 1); err != nil || sent != nil {
		t.Fatalf("%v, %v", sent, err)
	}
	p.wantOnce(1)
}

// publication is another publisher's transaction for the first version, with the
// same key.
func (p *place) publication(nonce uint64, gasPrice int64) *types.Transaction {
	p.t.Helper()
	to := p.node.Nexus()
	return types.MustSignNewTx(devnet.Key(), types.LatestSignerForChainID(big.NewInt(devnet.DefaultChainID)), &types.LegacyTx{
		Nonce: nonce, GasPrice: big.NewInt(gasPrice), Gas: 2_500_000, To: &to, Data: nexus.PackPublishSource(sourceParams(devnet.Account, 1)),
	})
}

// TestInterrupted ends a run in the middle.
func TestInterrupted(t *testing.T) {
	p := newPlace(t, devnet.Options{Manual: true})
	ctx, cancel := context.WithCancel(t.Context())
	kept := &memory{}
	_, err := once(ctx, sending{url: p.proxy.URL, memory: kept, progress: func(step chain.Step) {
		if step.Kind == chain.Sending {
			cancel()
		}
	}}, 1)
	if err == nil || !strings.Contains(err.Error(), "run again to go on") {
		t.Fatalf("%v", err)
	}
	p.mine()
	if _, err := p.once(sending{memory: kept}, 1); err != nil {
		t.Fatal(err)
	}
	if signed := len(kept.Signed()); signed != 1 {
		t.Errorf("%d were signed", signed)
	}
	p.wantOnce(1)
}

// TestGeth brings versions to a node in a process of its own, which stops, starts,
// and dies in between.
func TestGeth(t *testing.T) {
	for name, cancun := range map[string]bool{"Paris": false, "Cancun": true} {
		t.Run(name, func(t *testing.T) {
			node := chaintest.StartGeth(t, chaintest.Options{ChainID: devnet.DefaultChainID, Alloc: nexusAlloc(t), Cancun: cancun})
			direct := dialDirect(t, node.RPCURL())
			proxy := chaintest.NewProxy(t, node.RPCURL())
			restart := sync.OnceFunc(func() {
				proxy.Fail(nil)
				node.Restart(t)
			})
			for version, c := range []func(request) fault{
				func(request) fault { return fault{} },
				first(1, sendRaw, fault{Lost: true}),
				func(r request) fault { // it stops before it has the transaction
					if r.Method == sendRaw {
						restart()
					}
					return fault{}
				},
				func(r request) fault { // it stops after it has mined it
					if r.Method == receipt && r.Count == 1 {
						node.Stop()
						go node.Restart(t)
					}
					return fault{}
				},
			} {
				proxy.Fail(c)
				if _, err := once(t.Context(), sending{url: proxy.URL, key: node.Key, memory: &memory{}, confirmations: 1}, version+1); err != nil {
					t.Fatalf("version %d: %v", version+1, err)
				}
				published, updates := countsOn(t, direct, devnet.NexusAddress)
				if published != 1 || len(updates) != version || updates[link(version+1)] > 1 {
					t.Errorf("after version %d there are %d sources, and the updates %v", version+1, published, updates)
				}
			}
		})
	}
}

// nexusAlloc is the devnet's Nexus for the genesis block of another node.
func nexusAlloc(t *testing.T) types.GenesisAlloc {
	t.Helper()
	p := newPlace(t, devnet.Options{})
	code, err := p.direct.CodeAt(t.Context(), p.node.Nexus(), nil)
	if err != nil {
		t.Fatal(err)
	}
	storage := map[common.Hash]common.Hash{}
	for i := range int64(16) {
		slot := common.BigToHash(big.NewInt(i))
		value, err := p.direct.StorageAt(t.Context(), p.node.Nexus(), slot, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := common.BytesToHash(value); got != (common.Hash{}) {
			storage[slot] = got
		}
	}
	coins := new(big.Int).Mul(big.NewInt(1000), big.NewInt(params.Ether))
	return types.GenesisAlloc{
		p.node.Nexus(): {Code: code, Storage: storage, Balance: new(big.Int)},
		crypto.PubkeyToAddress(devnet.Key().PublicKey): {Balance: coins},
	}
}
