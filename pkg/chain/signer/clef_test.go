package signer

import (
	"context"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/signer/core/apitypes"

	"github.com/opengpu-network/templates/pkg/chain/chaintest"
)

// owner is the human in front of clef, who decides anew for each test.
type owner struct {
	mu      sync.Mutex
	decide  func(*apitypes.SendTxArgs) bool
	listing bool
}

func (o *owner) rules() chaintest.Rules {
	return chaintest.Rules{
		ChainID: chainID.Int64(),
		ApproveTx: func(tx *apitypes.SendTxArgs) bool {
			o.mu.Lock()
			decide := o.decide
			o.mu.Unlock()
			return decide(tx)
		},
		ApproveListing: func() bool {
			o.mu.Lock()
			defer o.mu.Unlock()
			return o.listing
		},
	}
}

func (o *owner) will(decide func(*apitypes.SendTxArgs) bool, listing bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.decide, o.listing = decide, listing
}

func approve(*apitypes.SendTxArgs) bool { return true }
func deny(*apitypes.SendTxArgs) bool    { return false }

// TestClef signs with the real signer, over its socket and over HTTP.
func TestClef(t *testing.T) {
	var human owner
	human.will(approve, true)
	clef := chaintest.StartClef(t, key, human.rules())
	own, err := FromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	tx := types.NewTx(dynamic(func(*types.DynamicFeeTx) {}))
	for name, address := range map[string]string{"socket": clef.Socket, "http": clef.URL, "localhost": strings.Replace(clef.URL, "127.0.0.1", "localhost", 1)} {
		t.Run(name, func(t *testing.T) {
			human.will(approve, true)
			signer, err := External(t.Context(), address, clef.Account)
			if err != nil {
				t.Fatal(err)
			}
			signsAll(t, signer)
			if !strings.Contains(signer.String(), strings.TrimSuffix(address, "/")) {
				t.Errorf("%s does not name %s", signer, address)
			}
			// Both sign in the one way that the curve's libraries do.
			mine, err := own.Sign(t.Context(), tx, chainID)
			if err != nil {
				t.Fatal(err)
			}
			if theirs, err := signer.Sign(t.Context(), tx, chainID); err != nil || theirs.Hash() != mine.Hash() {
				t.Errorf("clef signed %v, %v", theirs, err)
			}

			human.will(deny, true)
			_, err = signer.Sign(t.Context(), tx, chainID)
			failed(t, err, Denied, key)

			human.will(func(tx *apitypes.SendTxArgs) bool { tx.Gas++; return true }, true)
			_, err = signer.Sign(t.Context(), tx, chainID)
			failed(t, err, Changed, key)
			if err == nil || !strings.Contains(err.Error(), "changed the gas limit from 90000 to 90001") {
				t.Errorf("%v does not name the change", err)
			}

			_, err = signer.Sign(t.Context(), types.NewTx(&types.LegacyTx{To: &contract}), big.NewInt(1))
			failed(t, err, Refused, key)
			if err == nil || !strings.Contains(err.Error(), "chainid 1 ") {
				t.Errorf("%v does not hold clef's words", err)
			}

			// The owner is away.
			asked, back := make(chan struct{}, 1), make(chan struct{})
			defer close(back)
			human.will(func(*apitypes.SendTxArgs) bool { asked <- struct{}{}; <-back; return false }, true)
			ctx, cancel := context.WithCancel(t.Context())
			go func() { <-asked; cancel() }()
			_, err = signer.Sign(ctx, tx, chainID)
			failed(t, err, Interrupted, key)
			human.will(func(*apitypes.SendTxArgs) bool { <-back; return false }, true)
			ctx, cancel = context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			_, err = signer.Sign(ctx, tx, chainID)
			failed(t, err, TooSlow, key)

			human.will(approve, true)
			stranger := common.HexToAddress("0x970E8128AB834E8EAC17Ab8E3812F010678CF791")
			_, err = External(t.Context(), address, stranger)
			failed(t, err, NoAccount, key)
			at, err := parseEndpoint(address)
			if err != nil {
				t.Fatal(err)
			}
			_, err = (&external{at, stranger}).Sign(t.Context(), tx, chainID)
			failed(t, err, NoAccount, key)
			human.will(approve, false)
			_, err = External(t.Context(), address, clef.Account)
			failed(t, err, Denied, key)
		})
	}

	human.will(approve, true)
	var signers []Signer
	for _, address := range []string{clef.Socket, clef.URL} {
		signer, err := External(t.Context(), address, clef.Account)
		if err != nil {
			t.Fatal(err)
		}
		signers = append(signers, signer)
	}
	clef.Kill()
	for _, signer := range signers {
		_, err := signer.Sign(t.Context(), tx, chainID)
		failed(t, err, Unreachable, key)
	}
}

// TestRequest checks what clef cannot: that each type is asked for as itself.
func TestRequest(t *testing.T) {
	e := &external{account: common.HexToAddress(account)}
	for name, data := range transactions {
		tx := types.NewTx(data)
		args := e.request(tx, chainID)
		again, err := args.ToTransaction()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		rules := types.LatestSignerForChainID(chainID)
		if again.Type() != tx.Type() || rules.Hash(again) != rules.Hash(tx) || args.ChainID == nil || (*hexutil.Big)(args.ChainID).ToInt().Cmp(chainID) != 0 {
			t.Errorf("%s is asked for as %s", name, args)
		}
	}
}
