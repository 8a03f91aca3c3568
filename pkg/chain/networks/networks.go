// Package networks knows the networks that OpenGPU is on, and how people write addresses.
package networks

import (
	"slices"

	"github.com/ethereum/go-ethereum/common"
)

// Devnet is the name of the network that runs on this machine and has no value.
const Devnet = "devnet"

// Network is one chain and its registry of sources.
type Network struct {
	Name    string
	ChainID uint64
	// RPC is the public endpoint.
	RPC   string
	Nexus common.Address
	// Confirmations is how many blocks, that of the transaction included, make
	// it final.
	Confirmations uint64
}

// All are those that are known, the one without value first. The addresses
// are those of OpenGPU's documentation.
func All() []Network {
	return []Network{
		{Devnet, 1337, "http://127.0.0.1:8545", common.HexToAddress("0x0de7000000000000000000000000000000000001"), 1},
		{"testnet", 200820172034, "https://testnetrpc.ogpuscan.io", common.HexToAddress("0xF87bb2f3edB991a998992f14d35fE142e6Bb50b1"), 6},
		{"mainnet", 1071, "https://mainnet-rpc.ogpuscan.io", common.HexToAddress("0x2b0cC6058313801D5feb184a539e3a0C5A87a6a1"), 12},
	}
}

// Names are the names of All, in their order.
func Names() (names []string) {
	for _, n := range All() {
		names = append(names, n.Name)
	}
	return names
}

// Find returns the network with the name.
func Find(name string) (Network, bool) {
	all := All()
	at := slices.IndexFunc(all, func(n Network) bool { return n.Name == name })
	if at < 0 {
		return Network{}, false
	}
	return all[at], true
}
