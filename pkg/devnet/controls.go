// Code generated via abigen V2 - DO NOT EDIT.
// This file is a generated binding and any manual changes will be lost.

package devnet

import (
	"bytes"
	"errors"
	"math/big"

	"github.com/ethereum/go-ethereum/accounts/abi"
	"github.com/ethereum/go-ethereum/accounts/abi/bind/v2"
	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"
)

// Reference imports to suppress errors if they are not otherwise used.
var (
	_ = bytes.Equal
	_ = errors.New
	_ = big.NewInt
	_ = common.Big1
	_ = types.BloomLookup
	_ = abi.ConvertType
)

// ControlsMetaData contains all meta data concerning the Controls contract.
var ControlsMetaData = bind.MetaData{
	ABI: "[{\"inputs\":[{\"internalType\":\"string\",\"name\":\"reason\",\"type\":\"string\"}],\"name\":\"refuse\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"source\",\"type\":\"address\"}],\"name\":\"removeSource\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"}]",
	ID:  "Controls",
}

// Controls is an auto generated Go binding around an Ethereum contract.
type Controls struct {
	abi abi.ABI
}

// GetABI returns the ABI associated with this contract binding.
func (c *Controls) GetABI() abi.ABI {
	return c.abi
}

// NewControls creates a new instance of Controls.
func NewControls() *Controls {
	parsed, err := ControlsMetaData.ParseABI()
	if err != nil {
		panic(errors.New("invalid ABI: " + err.Error()))
	}
	return &Controls{abi: *parsed}
}

// Instance creates a wrapper for a deployed contract instance at the given address.
// Use this to create the instance object passed to abigen v2 library functions Call, Transact, etc.
func (c *Controls) Instance(backend bind.ContractBackend, addr common.Address) *bind.BoundContract {
	return bind.NewBoundContract(addr, c.abi, backend, backend, backend)
}

// PackRefuse is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x2a3b79b2.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function refuse(string reason) returns()
func (controls *Controls) PackRefuse(reason string) []byte {
	enc, err := controls.abi.Pack("refuse", reason)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackRefuse is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x2a3b79b2.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function refuse(string reason) returns()
func (controls *Controls) TryPackRefuse(reason string) ([]byte, error) {
	return controls.abi.Pack("refuse", reason)
}

// PackRemoveSource is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x6e849a73.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function removeSource(address source) returns()
func (controls *Controls) PackRemoveSource(source common.Address) []byte {
	enc, err := controls.abi.Pack("removeSource", source)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackRemoveSource is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x6e849a73.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function removeSource(address source) returns()
func (controls *Controls) TryPackRemoveSource(source common.Address) ([]byte, error) {
	return controls.abi.Pack("removeSource", source)
}
