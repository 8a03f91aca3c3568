package devnet

import (
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/crypto"
)

// web3 is the namespace of this name. The node's own is not for others to use.
type web3 struct{}

// ClientVersion answers web3_clientVersion.
func (web3) ClientVersion() string { return "ogpu-tpl/devnet" }

// Sha3 answers web3_sha3.
func (web3) Sha3(input hexutil.Bytes) hexutil.Bytes { return crypto.Keccak256(input) }
