package chaintest

import (
	"context"
	"math/big"
	"net"
	"net/url"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/ethclient"
)

// holder is an address that a genesis block gives something.
var holder = common.HexToAddress("0x00000000000000000000000000000000000a11ce")

func TestGeth(t *testing.T) {
	for name, options := range map[string]Options{
		"Paris, and mainnet's chain id": {ChainID: 1071, Alloc: types.GenesisAlloc{
			holder: {Balance: big.NewInt(7), Code: []byte{0x5f}, Storage: map[common.Hash]common.Hash{{31: 1}: {31: 2}}},
		}},
		"Cancun": {Cancun: true, Alloc: types.GenesisAlloc{holder: {Code: []byte{0x5f}}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			node := StartGeth(t, options)
			client, err := ethclient.Dial(node.RPCURL())
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			ctx := t.Context()

			id, err := client.ChainID(ctx)
			if err != nil || id.Cmp(node.ChainID) != 0 || options.ChainID != 0 && id.Uint64() != options.ChainID {
				t.Fatalf("chain id %v, %v", id, err)
			}
			if code, err := client.CodeAt(ctx, holder, nil); err != nil || len(code) != 1 {
				t.Errorf("the contract in the genesis has the code %x, %v", code, err)
			}
			head, err := client.HeaderByNumber(ctx, nil)
			if err != nil || (head.WithdrawalsHash != nil) != options.Cancun || head.BaseFee == nil {
				t.Errorf("the head is %+v, %v", head, err)
			}

			pay(t, client, node, 0)
			before := node.RPCURL()
			node.Restart(t)
			if node.RPCURL() != before {
				t.Errorf("after a restart it is at %s instead of %s", node.RPCURL(), before)
			}
			if nonce, err := client.NonceAt(ctx, node.Account, nil); err != nil || nonce != 1 {
				t.Errorf("after a restart the account has the nonce %d, %v", nonce, err)
			}
			pay(t, client, node, 1)

			node.Kill()
			if _, err := client.ChainID(ctx); err == nil {
				t.Error("a node that was killed answers")
			}
			node.Restart(t)
			if id, err := client.ChainID(ctx); err != nil || id.Cmp(node.ChainID) != 0 {
				t.Errorf("after a power cut: %v, %v", id, err)
			}
		})
	}
}

// pay sends a transaction, and waits until it is in a block.
func pay(t *testing.T, client *ethclient.Client, node *Geth, nonce uint64) {
	t.Helper()
	key, err := crypto.HexToECDSA(node.Key)
	if err != nil {
		t.Fatal(err)
	}
	tx := types.MustSignNewTx(key, types.LatestSignerForChainID(node.ChainID), &types.DynamicFeeTx{
		ChainID: node.ChainID, Nonce: nonce, To: &common.Address{0: 9}, Value: big.NewInt(1),
		Gas: 21_000, GasFeeCap: big.NewInt(10_000_000_000), GasTipCap: big.NewInt(1),
	})
	ctx, cancel := context.WithTimeout(t.Context(), startLimit)
	defer cancel()
	if err := client.SendTransaction(ctx, tx); err != nil {
		t.Fatal(err)
	}
	if receipt := Mined(t, client, tx.Hash()); receipt.Status != types.ReceiptStatusSuccessful {
		t.Errorf("the transaction failed; the node's log:\n%s", node.Log())
	}
}

func TestClef(t *testing.T) {
	const key = "289c2857d4598e37fb9647507e47a309d6133539bf21a8b9cb6df88fd5232032"
	signer := StartClef(t, key, Rules{})
	if want := common.HexToAddress("0x970E8128AB834E8EAC17Ab8E3812F010678CF791"); signer.Account != want {
		t.Errorf("its account is %s", signer.Account)
	}
	u, err := url.Parse(signer.URL)
	if err != nil {
		t.Fatal(err)
	}
	for network, address := range map[string]string{"tcp": u.Host, "unix": signer.Socket} {
		connection, err := net.Dial(network, address)
		if err != nil {
			t.Errorf("%s: %v", network, err)
			continue
		}
		connection.Close()
	}
	signer.Kill()
	if connection, err := net.Dial("tcp", u.Host); err == nil {
		connection.Close()
		t.Error("a signer that was killed listens")
	}
}
