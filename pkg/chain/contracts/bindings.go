// Code generated via abigen V2 - DO NOT EDIT.
// This file is a generated binding and any manual changes will be lost.

//lint:file-ignore ST1005 abigen's own words

package contracts

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

// SourceParams is an auto generated low-level Go binding around an user-defined struct.
type SourceParams struct {
	Client             common.Address
	ImageMetadataUrl   string
	ImageEnvironments  uint8
	MinPayment         *big.Int
	MinAvailableLockup *big.Int
	MaxExpiryDuration  *big.Int
	PrivacyEnabled     bool
	OptionalParamsUrl  string
	DeliveryMethod     uint8
	LastUpdateTime     *big.Int
}

// NexusMetaData contains all meta data concerning the Nexus contract.
var NexusMetaData = bind.MetaData{
	ABI: "[{\"inputs\":[{\"internalType\":\"address\",\"name\":\"owner\",\"type\":\"address\"}],\"name\":\"OwnableInvalidOwner\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"}],\"name\":\"OwnableUnauthorizedAccount\",\"type\":\"error\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"address\",\"name\":\"previousOwner\",\"type\":\"address\"},{\"indexed\":true,\"internalType\":\"address\",\"name\":\"newOwner\",\"type\":\"address\"}],\"name\":\"OwnershipTransferred\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":false,\"internalType\":\"address\",\"name\":\"provider\",\"type\":\"address\"},{\"indexed\":false,\"internalType\":\"uint256\",\"name\":\"registrantId\",\"type\":\"uint256\"},{\"indexed\":false,\"internalType\":\"address\",\"name\":\"source\",\"type\":\"address\"},{\"indexed\":false,\"internalType\":\"uint8\",\"name\":\"preferredEnvironment\",\"type\":\"uint8\"}],\"name\":\"Registered\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":false,\"internalType\":\"address\",\"name\":\"source\",\"type\":\"address\"}],\"name\":\"SourcePublished\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":false,\"internalType\":\"address\",\"name\":\"source\",\"type\":\"address\"},{\"indexed\":false,\"internalType\":\"uint8\",\"name\":\"status\",\"type\":\"uint8\"}],\"name\":\"SourceStatusChanged\",\"type\":\"event\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":false,\"internalType\":\"address\",\"name\":\"source\",\"type\":\"address\"},{\"components\":[{\"internalType\":\"address\",\"name\":\"client\",\"type\":\"address\"},{\"internalType\":\"string\",\"name\":\"imageMetadataUrl\",\"type\":\"string\"},{\"internalType\":\"uint8\",\"name\":\"imageEnvironments\",\"type\":\"uint8\"},{\"internalType\":\"uint256\",\"name\":\"minPayment\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"minAvailableLockup\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"maxExpiryDuration\",\"type\":\"uint256\"},{\"internalType\":\"bool\",\"name\":\"privacyEnabled\",\"type\":\"bool\"},{\"internalType\":\"string\",\"name\":\"optionalParamsUrl\",\"type\":\"string\"},{\"internalType\":\"uint8\",\"name\":\"deliveryMethod\",\"type\":\"uint8\"},{\"internalType\":\"uint256\",\"name\":\"lastUpdateTime\",\"type\":\"uint256\"}],\"indexed\":false,\"internalType\":\"structSourceParams\",\"name\":\"sourceParams\",\"type\":\"tuple\"}],\"name\":\"SourceUpdated\",\"type\":\"event\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"client\",\"type\":\"address\"}],\"name\":\"activeSourceCountOf\",\"outputs\":[{\"internalType\":\"uint256\",\"name\":\"\",\"type\":\"uint256\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"client\",\"type\":\"address\"}],\"name\":\"getActiveSourceCount\",\"outputs\":[{\"internalType\":\"uint256\",\"name\":\"\",\"type\":\"uint256\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"getSourceCount\",\"outputs\":[{\"internalType\":\"uint256\",\"name\":\"\",\"type\":\"uint256\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"source\",\"type\":\"address\"}],\"name\":\"getSourceId\",\"outputs\":[{\"internalType\":\"uint256\",\"name\":\"\",\"type\":\"uint256\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"lower\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"upper\",\"type\":\"uint256\"}],\"name\":\"getSources\",\"outputs\":[{\"internalType\":\"address[]\",\"name\":\"\",\"type\":\"address[]\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"source\",\"type\":\"address\"}],\"name\":\"inactivateSource\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"manager\",\"outputs\":[{\"internalType\":\"address\",\"name\":\"\",\"type\":\"address\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"owner\",\"outputs\":[{\"internalType\":\"address\",\"name\":\"\",\"type\":\"address\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"components\":[{\"internalType\":\"address\",\"name\":\"client\",\"type\":\"address\"},{\"internalType\":\"string\",\"name\":\"imageMetadataUrl\",\"type\":\"string\"},{\"internalType\":\"uint8\",\"name\":\"imageEnvironments\",\"type\":\"uint8\"},{\"internalType\":\"uint256\",\"name\":\"minPayment\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"minAvailableLockup\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"maxExpiryDuration\",\"type\":\"uint256\"},{\"internalType\":\"bool\",\"name\":\"privacyEnabled\",\"type\":\"bool\"},{\"internalType\":\"string\",\"name\":\"optionalParamsUrl\",\"type\":\"string\"},{\"internalType\":\"uint8\",\"name\":\"deliveryMethod\",\"type\":\"uint8\"},{\"internalType\":\"uint256\",\"name\":\"lastUpdateTime\",\"type\":\"uint256\"}],\"internalType\":\"structSourceParams\",\"name\":\"params\",\"type\":\"tuple\"}],\"name\":\"publishSource\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"source\",\"type\":\"address\"},{\"internalType\":\"address\",\"name\":\"provider\",\"type\":\"address\"},{\"internalType\":\"uint8\",\"name\":\"preferredEnvironment\",\"type\":\"uint8\"}],\"name\":\"register\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"client\",\"type\":\"address\"},{\"internalType\":\"uint256\",\"name\":\"index\",\"type\":\"uint256\"}],\"name\":\"sourcesOf\",\"outputs\":[{\"internalType\":\"address\",\"name\":\"\",\"type\":\"address\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"terminal\",\"outputs\":[{\"internalType\":\"address\",\"name\":\"\",\"type\":\"address\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"source\",\"type\":\"address\"},{\"components\":[{\"internalType\":\"address\",\"name\":\"client\",\"type\":\"address\"},{\"internalType\":\"string\",\"name\":\"imageMetadataUrl\",\"type\":\"string\"},{\"internalType\":\"uint8\",\"name\":\"imageEnvironments\",\"type\":\"uint8\"},{\"internalType\":\"uint256\",\"name\":\"minPayment\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"minAvailableLockup\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"maxExpiryDuration\",\"type\":\"uint256\"},{\"internalType\":\"bool\",\"name\":\"privacyEnabled\",\"type\":\"bool\"},{\"internalType\":\"string\",\"name\":\"optionalParamsUrl\",\"type\":\"string\"},{\"internalType\":\"uint8\",\"name\":\"deliveryMethod\",\"type\":\"uint8\"},{\"internalType\":\"uint256\",\"name\":\"lastUpdateTime\",\"type\":\"uint256\"}],\"internalType\":\"structSourceParams\",\"name\":\"params\",\"type\":\"tuple\"}],\"name\":\"updateSource\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"vault\",\"outputs\":[{\"internalType\":\"address\",\"name\":\"\",\"type\":\"address\"}],\"stateMutability\":\"view\",\"type\":\"function\"}]",
	ID:  "Nexus",
}

// Nexus is an auto generated Go binding around an Ethereum contract.
type Nexus struct {
	abi abi.ABI
}

// GetABI returns the ABI associated with this contract binding.
func (c *Nexus) GetABI() abi.ABI {
	return c.abi
}

// NewNexus creates a new instance of Nexus.
func NewNexus() *Nexus {
	parsed, err := NexusMetaData.ParseABI()
	if err != nil {
		panic(errors.New("invalid ABI: " + err.Error()))
	}
	return &Nexus{abi: *parsed}
}

// Instance creates a wrapper for a deployed contract instance at the given address.
// Use this to create the instance object passed to abigen v2 library functions Call, Transact, etc.
func (c *Nexus) Instance(backend bind.ContractBackend, addr common.Address) *bind.BoundContract {
	return bind.NewBoundContract(addr, c.abi, backend, backend, backend)
}

// PackActiveSourceCountOf is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xc3fa6af4.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function activeSourceCountOf(address client) view returns(uint256)
func (nexus *Nexus) PackActiveSourceCountOf(client common.Address) []byte {
	enc, err := nexus.abi.Pack("activeSourceCountOf", client)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackActiveSourceCountOf is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xc3fa6af4.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function activeSourceCountOf(address client) view returns(uint256)
func (nexus *Nexus) TryPackActiveSourceCountOf(client common.Address) ([]byte, error) {
	return nexus.abi.Pack("activeSourceCountOf", client)
}

// UnpackActiveSourceCountOf is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xc3fa6af4.
//
// Solidity: function activeSourceCountOf(address client) view returns(uint256)
func (nexus *Nexus) UnpackActiveSourceCountOf(data []byte) (*big.Int, error) {
	out, err := nexus.abi.Unpack("activeSourceCountOf", data)
	if err != nil {
		return new(big.Int), err
	}
	out0 := abi.ConvertType(out[0], new(big.Int)).(*big.Int)
	return out0, nil
}

// PackGetActiveSourceCount is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xdfb823cb.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function getActiveSourceCount(address client) view returns(uint256)
func (nexus *Nexus) PackGetActiveSourceCount(client common.Address) []byte {
	enc, err := nexus.abi.Pack("getActiveSourceCount", client)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackGetActiveSourceCount is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xdfb823cb.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function getActiveSourceCount(address client) view returns(uint256)
func (nexus *Nexus) TryPackGetActiveSourceCount(client common.Address) ([]byte, error) {
	return nexus.abi.Pack("getActiveSourceCount", client)
}

// UnpackGetActiveSourceCount is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xdfb823cb.
//
// Solidity: function getActiveSourceCount(address client) view returns(uint256)
func (nexus *Nexus) UnpackGetActiveSourceCount(data []byte) (*big.Int, error) {
	out, err := nexus.abi.Unpack("getActiveSourceCount", data)
	if err != nil {
		return new(big.Int), err
	}
	out0 := abi.ConvertType(out[0], new(big.Int)).(*big.Int)
	return out0, nil
}

// PackGetSourceCount is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xd9251837.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function getSourceCount() view returns(uint256)
func (nexus *Nexus) PackGetSourceCount() []byte {
	enc, err := nexus.abi.Pack("getSourceCount")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackGetSourceCount is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xd9251837.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function getSourceCount() view returns(uint256)
func (nexus *Nexus) TryPackGetSourceCount() ([]byte, error) {
	return nexus.abi.Pack("getSourceCount")
}

// UnpackGetSourceCount is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xd9251837.
//
// Solidity: function getSourceCount() view returns(uint256)
func (nexus *Nexus) UnpackGetSourceCount(data []byte) (*big.Int, error) {
	out, err := nexus.abi.Unpack("getSourceCount", data)
	if err != nil {
		return new(big.Int), err
	}
	out0 := abi.ConvertType(out[0], new(big.Int)).(*big.Int)
	return out0, nil
}

// PackGetSourceId is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xcdab1788.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function getSourceId(address source) view returns(uint256)
func (nexus *Nexus) PackGetSourceId(source common.Address) []byte {
	enc, err := nexus.abi.Pack("getSourceId", source)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackGetSourceId is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xcdab1788.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function getSourceId(address source) view returns(uint256)
func (nexus *Nexus) TryPackGetSourceId(source common.Address) ([]byte, error) {
	return nexus.abi.Pack("getSourceId", source)
}

// UnpackGetSourceId is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xcdab1788.
//
// Solidity: function getSourceId(address source) view returns(uint256)
func (nexus *Nexus) UnpackGetSourceId(data []byte) (*big.Int, error) {
	out, err := nexus.abi.Unpack("getSourceId", data)
	if err != nil {
		return new(big.Int), err
	}
	out0 := abi.ConvertType(out[0], new(big.Int)).(*big.Int)
	return out0, nil
}

// PackGetSources is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xb3fca11d.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function getSources(uint256 lower, uint256 upper) view returns(address[])
func (nexus *Nexus) PackGetSources(lower *big.Int, upper *big.Int) []byte {
	enc, err := nexus.abi.Pack("getSources", lower, upper)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackGetSources is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xb3fca11d.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function getSources(uint256 lower, uint256 upper) view returns(address[])
func (nexus *Nexus) TryPackGetSources(lower *big.Int, upper *big.Int) ([]byte, error) {
	return nexus.abi.Pack("getSources", lower, upper)
}

// UnpackGetSources is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xb3fca11d.
//
// Solidity: function getSources(uint256 lower, uint256 upper) view returns(address[])
func (nexus *Nexus) UnpackGetSources(data []byte) ([]common.Address, error) {
	out, err := nexus.abi.Unpack("getSources", data)
	if err != nil {
		return *new([]common.Address), err
	}
	out0 := *abi.ConvertType(out[0], new([]common.Address)).(*[]common.Address)
	return out0, nil
}

// PackInactivateSource is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xb3a85451.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function inactivateSource(address source) returns()
func (nexus *Nexus) PackInactivateSource(source common.Address) []byte {
	enc, err := nexus.abi.Pack("inactivateSource", source)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackInactivateSource is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xb3a85451.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function inactivateSource(address source) returns()
func (nexus *Nexus) TryPackInactivateSource(source common.Address) ([]byte, error) {
	return nexus.abi.Pack("inactivateSource", source)
}

// PackManager is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x481c6a75.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function manager() view returns(address)
func (nexus *Nexus) PackManager() []byte {
	enc, err := nexus.abi.Pack("manager")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackManager is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x481c6a75.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function manager() view returns(address)
func (nexus *Nexus) TryPackManager() ([]byte, error) {
	return nexus.abi.Pack("manager")
}

// UnpackManager is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x481c6a75.
//
// Solidity: function manager() view returns(address)
func (nexus *Nexus) UnpackManager(data []byte) (common.Address, error) {
	out, err := nexus.abi.Unpack("manager", data)
	if err != nil {
		return *new(common.Address), err
	}
	out0 := *abi.ConvertType(out[0], new(common.Address)).(*common.Address)
	return out0, nil
}

// PackOwner is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x8da5cb5b.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function owner() view returns(address)
func (nexus *Nexus) PackOwner() []byte {
	enc, err := nexus.abi.Pack("owner")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackOwner is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x8da5cb5b.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function owner() view returns(address)
func (nexus *Nexus) TryPackOwner() ([]byte, error) {
	return nexus.abi.Pack("owner")
}

// UnpackOwner is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x8da5cb5b.
//
// Solidity: function owner() view returns(address)
func (nexus *Nexus) UnpackOwner(data []byte) (common.Address, error) {
	out, err := nexus.abi.Unpack("owner", data)
	if err != nil {
		return *new(common.Address), err
	}
	out0 := *abi.ConvertType(out[0], new(common.Address)).(*common.Address)
	return out0, nil
}

// PackPublishSource is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x4912f56d.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function publishSource((address,string,uint8,uint256,uint256,uint256,bool,string,uint8,uint256) params) returns()
func (nexus *Nexus) PackPublishSource(params SourceParams) []byte {
	enc, err := nexus.abi.Pack("publishSource", params)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackPublishSource is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x4912f56d.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function publishSource((address,string,uint8,uint256,uint256,uint256,bool,string,uint8,uint256) params) returns()
func (nexus *Nexus) TryPackPublishSource(params SourceParams) ([]byte, error) {
	return nexus.abi.Pack("publishSource", params)
}

// PackRegister is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xe97791e6.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function register(address source, address provider, uint8 preferredEnvironment) returns()
func (nexus *Nexus) PackRegister(source common.Address, provider common.Address, preferredEnvironment uint8) []byte {
	enc, err := nexus.abi.Pack("register", source, provider, preferredEnvironment)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackRegister is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xe97791e6.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function register(address source, address provider, uint8 preferredEnvironment) returns()
func (nexus *Nexus) TryPackRegister(source common.Address, provider common.Address, preferredEnvironment uint8) ([]byte, error) {
	return nexus.abi.Pack("register", source, provider, preferredEnvironment)
}

// PackSourcesOf is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xbc9cad99.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function sourcesOf(address client, uint256 index) view returns(address)
func (nexus *Nexus) PackSourcesOf(client common.Address, index *big.Int) []byte {
	enc, err := nexus.abi.Pack("sourcesOf", client, index)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackSourcesOf is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xbc9cad99.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function sourcesOf(address client, uint256 index) view returns(address)
func (nexus *Nexus) TryPackSourcesOf(client common.Address, index *big.Int) ([]byte, error) {
	return nexus.abi.Pack("sourcesOf", client, index)
}

// UnpackSourcesOf is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xbc9cad99.
//
// Solidity: function sourcesOf(address client, uint256 index) view returns(address)
func (nexus *Nexus) UnpackSourcesOf(data []byte) (common.Address, error) {
	out, err := nexus.abi.Unpack("sourcesOf", data)
	if err != nil {
		return *new(common.Address), err
	}
	out0 := *abi.ConvertType(out[0], new(common.Address)).(*common.Address)
	return out0, nil
}

// PackTerminal is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xf45d0bc6.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function terminal() view returns(address)
func (nexus *Nexus) PackTerminal() []byte {
	enc, err := nexus.abi.Pack("terminal")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackTerminal is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xf45d0bc6.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function terminal() view returns(address)
func (nexus *Nexus) TryPackTerminal() ([]byte, error) {
	return nexus.abi.Pack("terminal")
}

// UnpackTerminal is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xf45d0bc6.
//
// Solidity: function terminal() view returns(address)
func (nexus *Nexus) UnpackTerminal(data []byte) (common.Address, error) {
	out, err := nexus.abi.Unpack("terminal", data)
	if err != nil {
		return *new(common.Address), err
	}
	out0 := *abi.ConvertType(out[0], new(common.Address)).(*common.Address)
	return out0, nil
}

// PackUpdateSource is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x2ce65e26.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function updateSource(address source, (address,string,uint8,uint256,uint256,uint256,bool,string,uint8,uint256) params) returns()
func (nexus *Nexus) PackUpdateSource(source common.Address, params SourceParams) []byte {
	enc, err := nexus.abi.Pack("updateSource", source, params)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackUpdateSource is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x2ce65e26.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function updateSource(address source, (address,string,uint8,uint256,uint256,uint256,bool,string,uint8,uint256) params) returns()
func (nexus *Nexus) TryPackUpdateSource(source common.Address, params SourceParams) ([]byte, error) {
	return nexus.abi.Pack("updateSource", source, params)
}

// PackVault is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xfbfa77cf.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function vault() view returns(address)
func (nexus *Nexus) PackVault() []byte {
	enc, err := nexus.abi.Pack("vault")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackVault is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xfbfa77cf.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function vault() view returns(address)
func (nexus *Nexus) TryPackVault() ([]byte, error) {
	return nexus.abi.Pack("vault")
}

// UnpackVault is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xfbfa77cf.
//
// Solidity: function vault() view returns(address)
func (nexus *Nexus) UnpackVault(data []byte) (common.Address, error) {
	out, err := nexus.abi.Unpack("vault", data)
	if err != nil {
		return *new(common.Address), err
	}
	out0 := *abi.ConvertType(out[0], new(common.Address)).(*common.Address)
	return out0, nil
}

// NexusOwnershipTransferred represents a OwnershipTransferred event raised by the Nexus contract.
type NexusOwnershipTransferred struct {
	PreviousOwner common.Address
	NewOwner      common.Address
	Raw           *types.Log // Blockchain specific contextual infos
}

const NexusOwnershipTransferredEventName = "OwnershipTransferred"

// ContractEventName returns the user-defined event name.
func (NexusOwnershipTransferred) ContractEventName() string {
	return NexusOwnershipTransferredEventName
}

// UnpackOwnershipTransferredEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event OwnershipTransferred(address indexed previousOwner, address indexed newOwner)
func (nexus *Nexus) UnpackOwnershipTransferredEvent(log *types.Log) (*NexusOwnershipTransferred, error) {
	event := "OwnershipTransferred"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != nexus.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(NexusOwnershipTransferred)
	if len(log.Data) > 0 {
		if err := nexus.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range nexus.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// NexusRegistered represents a Registered event raised by the Nexus contract.
type NexusRegistered struct {
	Provider             common.Address
	RegistrantId         *big.Int
	Source               common.Address
	PreferredEnvironment uint8
	Raw                  *types.Log // Blockchain specific contextual infos
}

const NexusRegisteredEventName = "Registered"

// ContractEventName returns the user-defined event name.
func (NexusRegistered) ContractEventName() string {
	return NexusRegisteredEventName
}

// UnpackRegisteredEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event Registered(address provider, uint256 registrantId, address source, uint8 preferredEnvironment)
func (nexus *Nexus) UnpackRegisteredEvent(log *types.Log) (*NexusRegistered, error) {
	event := "Registered"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != nexus.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(NexusRegistered)
	if len(log.Data) > 0 {
		if err := nexus.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range nexus.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// NexusSourcePublished represents a SourcePublished event raised by the Nexus contract.
type NexusSourcePublished struct {
	Source common.Address
	Raw    *types.Log // Blockchain specific contextual infos
}

const NexusSourcePublishedEventName = "SourcePublished"

// ContractEventName returns the user-defined event name.
func (NexusSourcePublished) ContractEventName() string {
	return NexusSourcePublishedEventName
}

// UnpackSourcePublishedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event SourcePublished(address source)
func (nexus *Nexus) UnpackSourcePublishedEvent(log *types.Log) (*NexusSourcePublished, error) {
	event := "SourcePublished"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != nexus.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(NexusSourcePublished)
	if len(log.Data) > 0 {
		if err := nexus.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range nexus.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// NexusSourceStatusChanged represents a SourceStatusChanged event raised by the Nexus contract.
type NexusSourceStatusChanged struct {
	Source common.Address
	Status uint8
	Raw    *types.Log // Blockchain specific contextual infos
}

const NexusSourceStatusChangedEventName = "SourceStatusChanged"

// ContractEventName returns the user-defined event name.
func (NexusSourceStatusChanged) ContractEventName() string {
	return NexusSourceStatusChangedEventName
}

// UnpackSourceStatusChangedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event SourceStatusChanged(address source, uint8 status)
func (nexus *Nexus) UnpackSourceStatusChangedEvent(log *types.Log) (*NexusSourceStatusChanged, error) {
	event := "SourceStatusChanged"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != nexus.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(NexusSourceStatusChanged)
	if len(log.Data) > 0 {
		if err := nexus.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range nexus.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// NexusSourceUpdated represents a SourceUpdated event raised by the Nexus contract.
type NexusSourceUpdated struct {
	Source       common.Address
	SourceParams SourceParams
	Raw          *types.Log // Blockchain specific contextual infos
}

const NexusSourceUpdatedEventName = "SourceUpdated"

// ContractEventName returns the user-defined event name.
func (NexusSourceUpdated) ContractEventName() string {
	return NexusSourceUpdatedEventName
}

// UnpackSourceUpdatedEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event SourceUpdated(address source, (address,string,uint8,uint256,uint256,uint256,bool,string,uint8,uint256) sourceParams)
func (nexus *Nexus) UnpackSourceUpdatedEvent(log *types.Log) (*NexusSourceUpdated, error) {
	event := "SourceUpdated"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != nexus.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(NexusSourceUpdated)
	if len(log.Data) > 0 {
		if err := nexus.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range nexus.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// UnpackError attempts to decode the provided error data using user-defined
// error definitions.
func (nexus *Nexus) UnpackError(raw []byte) (any, error) {
	if bytes.Equal(raw[:4], nexus.abi.Errors["OwnableInvalidOwner"].ID.Bytes()[:4]) {
		return nexus.UnpackOwnableInvalidOwnerError(raw[4:])
	}
	if bytes.Equal(raw[:4], nexus.abi.Errors["OwnableUnauthorizedAccount"].ID.Bytes()[:4]) {
		return nexus.UnpackOwnableUnauthorizedAccountError(raw[4:])
	}
	return nil, errors.New("Unknown error")
}

// NexusOwnableInvalidOwner represents a OwnableInvalidOwner error raised by the Nexus contract.
type NexusOwnableInvalidOwner struct {
	Owner common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error OwnableInvalidOwner(address owner)
func NexusOwnableInvalidOwnerErrorID() common.Hash {
	return common.HexToHash("0x1e4fbdf7f3ef8bcaa855599e3abf48b232380f183f08f6f813d9ffa5bd585188")
}

// UnpackOwnableInvalidOwnerError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error OwnableInvalidOwner(address owner)
func (nexus *Nexus) UnpackOwnableInvalidOwnerError(raw []byte) (*NexusOwnableInvalidOwner, error) {
	out := new(NexusOwnableInvalidOwner)
	if err := nexus.abi.UnpackIntoInterface(out, "OwnableInvalidOwner", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// NexusOwnableUnauthorizedAccount represents a OwnableUnauthorizedAccount error raised by the Nexus contract.
type NexusOwnableUnauthorizedAccount struct {
	Account common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error OwnableUnauthorizedAccount(address account)
func NexusOwnableUnauthorizedAccountErrorID() common.Hash {
	return common.HexToHash("0x118cdaa7a341953d1887a2245fd6665d741c67c8c50581daa59e1d03373fa188")
}

// UnpackOwnableUnauthorizedAccountError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error OwnableUnauthorizedAccount(address account)
func (nexus *Nexus) UnpackOwnableUnauthorizedAccountError(raw []byte) (*NexusOwnableUnauthorizedAccount, error) {
	out := new(NexusOwnableUnauthorizedAccount)
	if err := nexus.abi.UnpackIntoInterface(out, "OwnableUnauthorizedAccount", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SourceMetaData contains all meta data concerning the Source contract.
var SourceMetaData = bind.MetaData{
	ABI: "[{\"inputs\":[{\"internalType\":\"address\",\"name\":\"owner\",\"type\":\"address\"}],\"name\":\"OwnableInvalidOwner\",\"type\":\"error\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"account\",\"type\":\"address\"}],\"name\":\"OwnableUnauthorizedAccount\",\"type\":\"error\"},{\"anonymous\":false,\"inputs\":[{\"indexed\":true,\"internalType\":\"address\",\"name\":\"previousOwner\",\"type\":\"address\"},{\"indexed\":true,\"internalType\":\"address\",\"name\":\"newOwner\",\"type\":\"address\"}],\"name\":\"OwnershipTransferred\",\"type\":\"event\"},{\"inputs\":[],\"name\":\"getClient\",\"outputs\":[{\"internalType\":\"address\",\"name\":\"\",\"type\":\"address\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"getRegistrantCount\",\"outputs\":[{\"internalType\":\"uint256\",\"name\":\"\",\"type\":\"uint256\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"uint256\",\"name\":\"lower\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"upper\",\"type\":\"uint256\"}],\"name\":\"getRegistrants\",\"outputs\":[{\"internalType\":\"address[]\",\"name\":\"\",\"type\":\"address[]\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"getSourceParams\",\"outputs\":[{\"components\":[{\"internalType\":\"address\",\"name\":\"client\",\"type\":\"address\"},{\"internalType\":\"string\",\"name\":\"imageMetadataUrl\",\"type\":\"string\"},{\"internalType\":\"uint8\",\"name\":\"imageEnvironments\",\"type\":\"uint8\"},{\"internalType\":\"uint256\",\"name\":\"minPayment\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"minAvailableLockup\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"maxExpiryDuration\",\"type\":\"uint256\"},{\"internalType\":\"bool\",\"name\":\"privacyEnabled\",\"type\":\"bool\"},{\"internalType\":\"string\",\"name\":\"optionalParamsUrl\",\"type\":\"string\"},{\"internalType\":\"uint8\",\"name\":\"deliveryMethod\",\"type\":\"uint8\"},{\"internalType\":\"uint256\",\"name\":\"lastUpdateTime\",\"type\":\"uint256\"}],\"internalType\":\"structSourceParams\",\"name\":\"\",\"type\":\"tuple\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"getStatus\",\"outputs\":[{\"internalType\":\"uint8\",\"name\":\"\",\"type\":\"uint8\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"getTaskCount\",\"outputs\":[{\"internalType\":\"uint256\",\"name\":\"\",\"type\":\"uint256\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"nexus\",\"outputs\":[{\"internalType\":\"address\",\"name\":\"\",\"type\":\"address\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[],\"name\":\"owner\",\"outputs\":[{\"internalType\":\"address\",\"name\":\"\",\"type\":\"address\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"provider\",\"type\":\"address\"}],\"name\":\"preferredEnvironmentOf\",\"outputs\":[{\"internalType\":\"uint8\",\"name\":\"\",\"type\":\"uint8\"}],\"stateMutability\":\"view\",\"type\":\"function\"},{\"inputs\":[{\"components\":[{\"internalType\":\"address\",\"name\":\"client\",\"type\":\"address\"},{\"internalType\":\"string\",\"name\":\"imageMetadataUrl\",\"type\":\"string\"},{\"internalType\":\"uint8\",\"name\":\"imageEnvironments\",\"type\":\"uint8\"},{\"internalType\":\"uint256\",\"name\":\"minPayment\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"minAvailableLockup\",\"type\":\"uint256\"},{\"internalType\":\"uint256\",\"name\":\"maxExpiryDuration\",\"type\":\"uint256\"},{\"internalType\":\"bool\",\"name\":\"privacyEnabled\",\"type\":\"bool\"},{\"internalType\":\"string\",\"name\":\"optionalParamsUrl\",\"type\":\"string\"},{\"internalType\":\"uint8\",\"name\":\"deliveryMethod\",\"type\":\"uint8\"},{\"internalType\":\"uint256\",\"name\":\"lastUpdateTime\",\"type\":\"uint256\"}],\"internalType\":\"structSourceParams\",\"name\":\"params\",\"type\":\"tuple\"}],\"name\":\"setSourceParams\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"uint8\",\"name\":\"status\",\"type\":\"uint8\"}],\"name\":\"setStatus\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"},{\"inputs\":[{\"internalType\":\"address\",\"name\":\"newOwner\",\"type\":\"address\"}],\"name\":\"transferOwnership\",\"outputs\":[],\"stateMutability\":\"nonpayable\",\"type\":\"function\"}]",
	ID:  "Source",
}

// Source is an auto generated Go binding around an Ethereum contract.
type Source struct {
	abi abi.ABI
}

// GetABI returns the ABI associated with this contract binding.
func (c *Source) GetABI() abi.ABI {
	return c.abi
}

// NewSource creates a new instance of Source.
func NewSource() *Source {
	parsed, err := SourceMetaData.ParseABI()
	if err != nil {
		panic(errors.New("invalid ABI: " + err.Error()))
	}
	return &Source{abi: *parsed}
}

// Instance creates a wrapper for a deployed contract instance at the given address.
// Use this to create the instance object passed to abigen v2 library functions Call, Transact, etc.
func (c *Source) Instance(backend bind.ContractBackend, addr common.Address) *bind.BoundContract {
	return bind.NewBoundContract(addr, c.abi, backend, backend, backend)
}

// PackGetClient is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x59dc735c.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function getClient() view returns(address)
func (source *Source) PackGetClient() []byte {
	enc, err := source.abi.Pack("getClient")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackGetClient is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x59dc735c.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function getClient() view returns(address)
func (source *Source) TryPackGetClient() ([]byte, error) {
	return source.abi.Pack("getClient")
}

// UnpackGetClient is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x59dc735c.
//
// Solidity: function getClient() view returns(address)
func (source *Source) UnpackGetClient(data []byte) (common.Address, error) {
	out, err := source.abi.Unpack("getClient", data)
	if err != nil {
		return *new(common.Address), err
	}
	out0 := *abi.ConvertType(out[0], new(common.Address)).(*common.Address)
	return out0, nil
}

// PackGetRegistrantCount is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x9568d29c.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function getRegistrantCount() view returns(uint256)
func (source *Source) PackGetRegistrantCount() []byte {
	enc, err := source.abi.Pack("getRegistrantCount")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackGetRegistrantCount is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x9568d29c.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function getRegistrantCount() view returns(uint256)
func (source *Source) TryPackGetRegistrantCount() ([]byte, error) {
	return source.abi.Pack("getRegistrantCount")
}

// UnpackGetRegistrantCount is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x9568d29c.
//
// Solidity: function getRegistrantCount() view returns(uint256)
func (source *Source) UnpackGetRegistrantCount(data []byte) (*big.Int, error) {
	out, err := source.abi.Unpack("getRegistrantCount", data)
	if err != nil {
		return new(big.Int), err
	}
	out0 := abi.ConvertType(out[0], new(big.Int)).(*big.Int)
	return out0, nil
}

// PackGetRegistrants is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xb34499f9.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function getRegistrants(uint256 lower, uint256 upper) view returns(address[])
func (source *Source) PackGetRegistrants(lower *big.Int, upper *big.Int) []byte {
	enc, err := source.abi.Pack("getRegistrants", lower, upper)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackGetRegistrants is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xb34499f9.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function getRegistrants(uint256 lower, uint256 upper) view returns(address[])
func (source *Source) TryPackGetRegistrants(lower *big.Int, upper *big.Int) ([]byte, error) {
	return source.abi.Pack("getRegistrants", lower, upper)
}

// UnpackGetRegistrants is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xb34499f9.
//
// Solidity: function getRegistrants(uint256 lower, uint256 upper) view returns(address[])
func (source *Source) UnpackGetRegistrants(data []byte) ([]common.Address, error) {
	out, err := source.abi.Unpack("getRegistrants", data)
	if err != nil {
		return *new([]common.Address), err
	}
	out0 := *abi.ConvertType(out[0], new([]common.Address)).(*[]common.Address)
	return out0, nil
}

// PackGetSourceParams is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x82dc6b9a.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function getSourceParams() view returns((address,string,uint8,uint256,uint256,uint256,bool,string,uint8,uint256))
func (source *Source) PackGetSourceParams() []byte {
	enc, err := source.abi.Pack("getSourceParams")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackGetSourceParams is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x82dc6b9a.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function getSourceParams() view returns((address,string,uint8,uint256,uint256,uint256,bool,string,uint8,uint256))
func (source *Source) TryPackGetSourceParams() ([]byte, error) {
	return source.abi.Pack("getSourceParams")
}

// UnpackGetSourceParams is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x82dc6b9a.
//
// Solidity: function getSourceParams() view returns((address,string,uint8,uint256,uint256,uint256,bool,string,uint8,uint256))
func (source *Source) UnpackGetSourceParams(data []byte) (SourceParams, error) {
	out, err := source.abi.Unpack("getSourceParams", data)
	if err != nil {
		return *new(SourceParams), err
	}
	out0 := *abi.ConvertType(out[0], new(SourceParams)).(*SourceParams)
	return out0, nil
}

// PackGetStatus is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x4e69d560.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function getStatus() view returns(uint8)
func (source *Source) PackGetStatus() []byte {
	enc, err := source.abi.Pack("getStatus")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackGetStatus is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x4e69d560.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function getStatus() view returns(uint8)
func (source *Source) TryPackGetStatus() ([]byte, error) {
	return source.abi.Pack("getStatus")
}

// UnpackGetStatus is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x4e69d560.
//
// Solidity: function getStatus() view returns(uint8)
func (source *Source) UnpackGetStatus(data []byte) (uint8, error) {
	out, err := source.abi.Unpack("getStatus", data)
	if err != nil {
		return *new(uint8), err
	}
	out0 := *abi.ConvertType(out[0], new(uint8)).(*uint8)
	return out0, nil
}

// PackGetTaskCount is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xc17a340e.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function getTaskCount() view returns(uint256)
func (source *Source) PackGetTaskCount() []byte {
	enc, err := source.abi.Pack("getTaskCount")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackGetTaskCount is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xc17a340e.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function getTaskCount() view returns(uint256)
func (source *Source) TryPackGetTaskCount() ([]byte, error) {
	return source.abi.Pack("getTaskCount")
}

// UnpackGetTaskCount is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xc17a340e.
//
// Solidity: function getTaskCount() view returns(uint256)
func (source *Source) UnpackGetTaskCount(data []byte) (*big.Int, error) {
	out, err := source.abi.Unpack("getTaskCount", data)
	if err != nil {
		return new(big.Int), err
	}
	out0 := abi.ConvertType(out[0], new(big.Int)).(*big.Int)
	return out0, nil
}

// PackNexus is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xa3f5c1d2.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function nexus() view returns(address)
func (source *Source) PackNexus() []byte {
	enc, err := source.abi.Pack("nexus")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackNexus is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xa3f5c1d2.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function nexus() view returns(address)
func (source *Source) TryPackNexus() ([]byte, error) {
	return source.abi.Pack("nexus")
}

// UnpackNexus is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xa3f5c1d2.
//
// Solidity: function nexus() view returns(address)
func (source *Source) UnpackNexus(data []byte) (common.Address, error) {
	out, err := source.abi.Unpack("nexus", data)
	if err != nil {
		return *new(common.Address), err
	}
	out0 := *abi.ConvertType(out[0], new(common.Address)).(*common.Address)
	return out0, nil
}

// PackOwner is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x8da5cb5b.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function owner() view returns(address)
func (source *Source) PackOwner() []byte {
	enc, err := source.abi.Pack("owner")
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackOwner is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x8da5cb5b.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function owner() view returns(address)
func (source *Source) TryPackOwner() ([]byte, error) {
	return source.abi.Pack("owner")
}

// UnpackOwner is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0x8da5cb5b.
//
// Solidity: function owner() view returns(address)
func (source *Source) UnpackOwner(data []byte) (common.Address, error) {
	out, err := source.abi.Unpack("owner", data)
	if err != nil {
		return *new(common.Address), err
	}
	out0 := *abi.ConvertType(out[0], new(common.Address)).(*common.Address)
	return out0, nil
}

// PackPreferredEnvironmentOf is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xabd5f997.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function preferredEnvironmentOf(address provider) view returns(uint8)
func (source *Source) PackPreferredEnvironmentOf(provider common.Address) []byte {
	enc, err := source.abi.Pack("preferredEnvironmentOf", provider)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackPreferredEnvironmentOf is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xabd5f997.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function preferredEnvironmentOf(address provider) view returns(uint8)
func (source *Source) TryPackPreferredEnvironmentOf(provider common.Address) ([]byte, error) {
	return source.abi.Pack("preferredEnvironmentOf", provider)
}

// UnpackPreferredEnvironmentOf is the Go binding that unpacks the parameters returned
// from invoking the contract method with ID 0xabd5f997.
//
// Solidity: function preferredEnvironmentOf(address provider) view returns(uint8)
func (source *Source) UnpackPreferredEnvironmentOf(data []byte) (uint8, error) {
	out, err := source.abi.Unpack("preferredEnvironmentOf", data)
	if err != nil {
		return *new(uint8), err
	}
	out0 := *abi.ConvertType(out[0], new(uint8)).(*uint8)
	return out0, nil
}

// PackSetSourceParams is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x046ef14c.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function setSourceParams((address,string,uint8,uint256,uint256,uint256,bool,string,uint8,uint256) params) returns()
func (source *Source) PackSetSourceParams(params SourceParams) []byte {
	enc, err := source.abi.Pack("setSourceParams", params)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackSetSourceParams is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x046ef14c.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function setSourceParams((address,string,uint8,uint256,uint256,uint256,bool,string,uint8,uint256) params) returns()
func (source *Source) TryPackSetSourceParams(params SourceParams) ([]byte, error) {
	return source.abi.Pack("setSourceParams", params)
}

// PackSetStatus is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x2e49d78b.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function setStatus(uint8 status) returns()
func (source *Source) PackSetStatus(status uint8) []byte {
	enc, err := source.abi.Pack("setStatus", status)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackSetStatus is the Go binding used to pack the parameters required for calling
// the contract method with ID 0x2e49d78b.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function setStatus(uint8 status) returns()
func (source *Source) TryPackSetStatus(status uint8) ([]byte, error) {
	return source.abi.Pack("setStatus", status)
}

// PackTransferOwnership is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xf2fde38b.  This method will panic if any
// invalid/nil inputs are passed.
//
// Solidity: function transferOwnership(address newOwner) returns()
func (source *Source) PackTransferOwnership(newOwner common.Address) []byte {
	enc, err := source.abi.Pack("transferOwnership", newOwner)
	if err != nil {
		panic(err)
	}
	return enc
}

// TryPackTransferOwnership is the Go binding used to pack the parameters required for calling
// the contract method with ID 0xf2fde38b.  This method will return an error
// if any inputs are invalid/nil.
//
// Solidity: function transferOwnership(address newOwner) returns()
func (source *Source) TryPackTransferOwnership(newOwner common.Address) ([]byte, error) {
	return source.abi.Pack("transferOwnership", newOwner)
}

// SourceOwnershipTransferred represents a OwnershipTransferred event raised by the Source contract.
type SourceOwnershipTransferred struct {
	PreviousOwner common.Address
	NewOwner      common.Address
	Raw           *types.Log // Blockchain specific contextual infos
}

const SourceOwnershipTransferredEventName = "OwnershipTransferred"

// ContractEventName returns the user-defined event name.
func (SourceOwnershipTransferred) ContractEventName() string {
	return SourceOwnershipTransferredEventName
}

// UnpackOwnershipTransferredEvent is the Go binding that unpacks the event data emitted
// by contract.
//
// Solidity: event OwnershipTransferred(address indexed previousOwner, address indexed newOwner)
func (source *Source) UnpackOwnershipTransferredEvent(log *types.Log) (*SourceOwnershipTransferred, error) {
	event := "OwnershipTransferred"
	if len(log.Topics) == 0 {
		return nil, bind.ErrNoEventSignature
	}
	if log.Topics[0] != source.abi.Events[event].ID {
		return nil, bind.ErrEventSignatureMismatch
	}
	out := new(SourceOwnershipTransferred)
	if len(log.Data) > 0 {
		if err := source.abi.UnpackIntoInterface(out, event, log.Data); err != nil {
			return nil, err
		}
	}
	var indexed abi.Arguments
	for _, arg := range source.abi.Events[event].Inputs {
		if arg.Indexed {
			indexed = append(indexed, arg)
		}
	}
	if err := abi.ParseTopics(out, indexed, log.Topics[1:]); err != nil {
		return nil, err
	}
	out.Raw = log
	return out, nil
}

// UnpackError attempts to decode the provided error data using user-defined
// error definitions.
func (source *Source) UnpackError(raw []byte) (any, error) {
	if bytes.Equal(raw[:4], source.abi.Errors["OwnableInvalidOwner"].ID.Bytes()[:4]) {
		return source.UnpackOwnableInvalidOwnerError(raw[4:])
	}
	if bytes.Equal(raw[:4], source.abi.Errors["OwnableUnauthorizedAccount"].ID.Bytes()[:4]) {
		return source.UnpackOwnableUnauthorizedAccountError(raw[4:])
	}
	return nil, errors.New("Unknown error")
}

// SourceOwnableInvalidOwner represents a OwnableInvalidOwner error raised by the Source contract.
type SourceOwnableInvalidOwner struct {
	Owner common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error OwnableInvalidOwner(address owner)
func SourceOwnableInvalidOwnerErrorID() common.Hash {
	return common.HexToHash("0x1e4fbdf7f3ef8bcaa855599e3abf48b232380f183f08f6f813d9ffa5bd585188")
}

// UnpackOwnableInvalidOwnerError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error OwnableInvalidOwner(address owner)
func (source *Source) UnpackOwnableInvalidOwnerError(raw []byte) (*SourceOwnableInvalidOwner, error) {
	out := new(SourceOwnableInvalidOwner)
	if err := source.abi.UnpackIntoInterface(out, "OwnableInvalidOwner", raw); err != nil {
		return nil, err
	}
	return out, nil
}

// SourceOwnableUnauthorizedAccount represents a OwnableUnauthorizedAccount error raised by the Source contract.
type SourceOwnableUnauthorizedAccount struct {
	Account common.Address
}

// ErrorID returns the hash of canonical representation of the error's signature.
//
// Solidity: error OwnableUnauthorizedAccount(address account)
func SourceOwnableUnauthorizedAccountErrorID() common.Hash {
	return common.HexToHash("0x118cdaa7a341953d1887a2245fd6665d741c67c8c50581daa59e1d03373fa188")
}

// UnpackOwnableUnauthorizedAccountError is the Go binding used to decode the provided
// error data into the corresponding Go error struct.
//
// Solidity: error OwnableUnauthorizedAccount(address account)
func (source *Source) UnpackOwnableUnauthorizedAccountError(raw []byte) (*SourceOwnableUnauthorizedAccount, error) {
	out := new(SourceOwnableUnauthorizedAccount)
	if err := source.abi.UnpackIntoInterface(out, "OwnableUnauthorizedAccount", raw); err != nil {
		return nil, err
	}
	return out, nil
}
