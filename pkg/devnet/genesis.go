package devnet

import (
	"fmt"
	"maps"
	"math/big"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/math"
	"github.com/ethereum/go-ethereum/core"
	"github.com/ethereum/go-ethereum/core/types"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/params"
)

// gasLimit is what one block may use, in gas.
const gasLimit = 60_000_000

// maxBalance is the most that an account may have: balances are added.
var maxBalance = new(big.Int).Lsh(big.NewInt(1), 128)

// million coins, in wei.
var million = new(big.Int).Mul(big.NewInt(1_000_000), big.NewInt(params.Ether))

// The contracts that Nexus names and the devnet does not have.
var (
	terminal = common.HexToAddress("0x0de7000000000000000000000000000000000002")
	vault    = common.HexToAddress("0x0de7000000000000000000000000000000000003")
)

// genesis is the first block: who has what, and Nexus.
func genesis(options Options) (*core.Genesis, error) {
	alloc := core.SystemContractAllocs()
	if options.Legacy {
		alloc = types.GenesisAlloc{}
	}
	_, taken := alloc[options.Nexus]
	if small := options.Nexus.Big().BitLen() <= 16; taken || small {
		return nil, fmt.Errorf("there is a contract of the chain itself at %s, or will be; put Nexus at another address", options.Nexus)
	}
	owner := crypto.PubkeyToAddress(ownerKey().PublicKey)
	balances := map[common.Address]*big.Int{Account: million, owner: million}
	maps.Copy(balances, options.Balances)
	for account, balance := range balances {
		if balance == nil || balance.Sign() < 0 || balance.Cmp(maxBalance) > 0 {
			return nil, fmt.Errorf("the balance of %s is not from 0 to 2^128 wei", account)
		}
		is := alloc[account]
		is.Balance = new(big.Int).Set(balance)
		alloc[account] = is
	}
	nexus := alloc[options.Nexus]
	nexus.Nonce = 1 // what a contract has that was made by a transaction
	nexus.Code = common.FromHex(nexusCode)
	nexus.Storage = map[common.Hash]common.Hash{
		slot(ownerSlot):    common.BytesToHash(owner[:]),
		slot(managerSlot):  common.BytesToHash(owner[:]),
		slot(terminalSlot): common.BytesToHash(terminal[:]),
		slot(vaultSlot):    common.BytesToHash(vault[:]),
	}
	if nexus.Balance == nil {
		nexus.Balance = new(big.Int)
	}
	alloc[options.Nexus] = nexus
	first := &core.Genesis{Config: rules(options), GasLimit: gasLimit, Difficulty: new(big.Int), Alloc: alloc}
	if options.Legacy {
		first.Difficulty = params.GenesisDifficulty
	}
	return first, nil
}

func slot(number int64) common.Hash { return common.BigToHash(big.NewInt(number)) }

// rules are the chain's: all that there are today, or those from before EIP-1559.
func rules(options Options) *params.ChainConfig {
	config := *params.AllDevChainProtocolChanges
	if options.Legacy {
		start := new(big.Int)
		config = params.ChainConfig{
			HomesteadBlock: start, EIP150Block: start, EIP155Block: start, EIP158Block: start,
			ByzantiumBlock: start, ConstantinopleBlock: start, PetersburgBlock: start, IstanbulBlock: start,
			MuirGlacierBlock: start, BerlinBlock: start,
			// Never reached: with proof of stake comes the base fee.
			TerminalTotalDifficulty: math.MaxBig256,
		}
	}
	config.ChainID = new(big.Int).SetUint64(options.ChainID)
	return &config
}
