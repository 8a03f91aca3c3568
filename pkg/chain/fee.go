package chain

import (
	"context"
	"fmt"
	"math/big"

	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/params"
)

// Limits bound what a transaction may cost, whatever the endpoint says.
type Limits struct {
	// Gas is the most that one transaction may take.
	Gas uint64
	// Cost is the most that one transaction may cost, in wei: gas times the
	// highest price.
	Cost *big.Int
}

// DefaultLimits are far above what publishing takes: 10 million gas, and one OGPU.
func DefaultLimits() Limits {
	return Limits{Gas: 10_000_000, Cost: big.NewInt(params.Ether)}
}

// Fee is the price of gas, in wei.
type Fee struct {
	// Cap is the highest price for each gas, and Tip the part of it that goes to
	// the block's producer. On a chain without EIP-1559 Tip is nil.
	Cap, Tip *big.Int
}

// Fee asks what gas costs after the block. With EIP-1559 the cap leaves room for
// the base fee to double, which takes six full blocks.
func (c *Client) Fee(ctx context.Context, at Block) (Fee, error) {
	if at.BaseFee == nil {
		var price hexutil.Big
		err := c.ask(ctx, &price, "eth_gasPrice")
		return Fee{Cap: price.ToInt()}, err
	}
	var tip hexutil.Big
	if err := c.ask(ctx, &tip, "eth_maxPriorityFeePerGas"); err != nil {
		if asRefusal(err) == nil {
			return Fee{}, err
		}
		// The method is no part of the standard: what remains of the price is the tip.
		var price hexutil.Big
		if err := c.ask(ctx, &price, "eth_gasPrice"); err != nil {
			return Fee{}, err
		}
		rest := new(big.Int).Sub(price.ToInt(), at.BaseFee)
		if rest.Sign() < 0 {
			rest.SetInt64(0)
		}
		tip = hexutil.Big(*rest)
	}
	highest := new(big.Int).Lsh(at.BaseFee, 1)
	return Fee{Cap: highest.Add(highest, tip.ToInt()), Tip: tip.ToInt()}, nil
}

// raise is the fee that replaces a transaction with f: nodes ask for a tenth more
// of both parts.
func (f Fee) raise() Fee {
	raised := Fee{Cap: eighthMore(f.Cap)}
	if f.Tip != nil {
		raised.Tip = eighthMore(f.Tip)
	}
	return raised
}

func eighthMore(wei *big.Int) *big.Int {
	more := new(big.Int).Add(wei, new(big.Int).Rsh(wei, 3))
	return more.Add(more, big.NewInt(1))
}

// atLeast is the higher of both, part by part.
func (f Fee) atLeast(other Fee) Fee {
	highest := Fee{Cap: higher(f.Cap, other.Cap)}
	if f.Tip != nil && other.Tip != nil {
		highest.Tip = higher(f.Tip, other.Tip)
	}
	return highest
}

func higher(a, b *big.Int) *big.Int {
	if a.Cmp(b) < 0 {
		return b
	}
	return a
}

// Check holds a transaction against the limits.
func (l Limits) Check(gas uint64, fee Fee) error {
	if gas > l.Gas {
		return fmt.Errorf("the transaction takes %d gas, and the limit is %d: see --max-gas", gas, l.Gas)
	}
	if cost := Cost(gas, fee); cost.Cmp(l.Cost) > 0 {
		return fmt.Errorf("the transaction may cost %s OGPU, and the limit is %s OGPU: wait until gas is cheaper, or see --max-cost", OGPU(cost), OGPU(l.Cost))
	}
	return nil
}

// Cost is the most that a transaction can cost, in wei.
func Cost(gas uint64, fee Fee) *big.Int {
	return new(big.Int).Mul(new(big.Int).SetUint64(gas), fee.Cap)
}

// OGPU writes an amount of wei in OGPU, exactly.
func OGPU(wei *big.Int) string {
	text := new(big.Rat).SetFrac(wei, big.NewInt(params.Ether)).FloatString(18)
	end := len(text)
	for end > 0 && text[end-1] == '0' {
		end--
	}
	if end > 0 && text[end-1] == '.' {
		end--
	}
	return text[:end]
}

// transaction makes the unsigned transaction of a call.
func (c *Client) transaction(call Call, nonce, gas uint64, fee Fee) *types.Transaction {
	to := call.To
	if fee.Tip == nil {
		return types.NewTx(&types.LegacyTx{Nonce: nonce, GasPrice: fee.Cap, Gas: gas, To: &to, Data: call.Data})
	}
	return types.NewTx(&types.DynamicFeeTx{ChainID: c.ChainID(), Nonce: nonce, GasTipCap: fee.Tip, GasFeeCap: fee.Cap, Gas: gas, To: &to, Data: call.Data})
}
