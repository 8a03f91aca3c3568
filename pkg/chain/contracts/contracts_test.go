package contracts_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/accounts/abi"
	"github.com/opengpu-network/templates/pkg/chain/contracts"
)

// params is SourceParams as signatures have it.
const params = "(address,string,uint8,uint256,uint256,uint256,bool,string,uint8,uint256)"

// Signatures are what the chain knows contracts by: each must be exactly the one
// of OpenGPU's.
func TestSignatures(t *testing.T) {
	for name, c := range map[string]struct {
		abi  abi.ABI
		want string
	}{
		"Nexus": {contracts.NewNexus().GetABI(), `
			activeSourceCountOf(address) view uint256
			getActiveSourceCount(address) view uint256
			getSourceCount() view uint256
			getSourceId(address) view uint256
			getSources(uint256,uint256) view address[]
			inactivateSource(address) nonpayable
			manager() view address
			owner() view address
			publishSource(` + params + `) nonpayable
			register(address,address,uint8) nonpayable
			sourcesOf(address,uint256) view address
			terminal() view address
			updateSource(address,` + params + `) nonpayable
			vault() view address
			event OwnershipTransferred(address indexed,address indexed)
			event Registered(address,uint256,address,uint8)
			event SourcePublished(address)
			event SourceStatusChanged(address,uint8)
			event SourceUpdated(address,` + params + `)
			error OwnableInvalidOwner(address)
			error OwnableUnauthorizedAccount(address)`},
		"Source": {contracts.NewSource().GetABI(), `
			getClient() view address
			getRegistrantCount() view uint256
			getRegistrants(uint256,uint256) view address[]
			getSourceParams() view ` + params + `
			getStatus() view uint8
			getTaskCount() view uint256
			nexus() view address
			owner() view address
			preferredEnvironmentOf(address) view uint8
			setSourceParams(` + params + `) nonpayable
			setStatus(uint8) nonpayable
			transferOwnership(address) nonpayable
			event OwnershipTransferred(address indexed,address indexed)
			error OwnableInvalidOwner(address)
			error OwnableUnauthorizedAccount(address)`},
	} {
		want := strings.Split(strings.ReplaceAll(strings.TrimSpace(c.want), "\t", ""), "\n")
		if got := signatures(c.abi); !slices.Equal(got, want) {
			t.Errorf("%s is\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

func signatures(is abi.ABI) []string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(is.Methods)) {
		method := is.Methods[name]
		line := method.Sig + " " + method.StateMutability
		for _, output := range method.Outputs {
			line += " " + output.Type.String()
		}
		all = append(all, line)
	}
	for _, name := range slices.Sorted(maps.Keys(is.Events)) {
		var inputs []string
		for _, input := range is.Events[name].Inputs {
			text := input.Type.String()
			if input.Indexed {
				text += " indexed"
			}
			inputs = append(inputs, text)
		}
		all = append(all, "event "+name+"("+strings.Join(inputs, ",")+")")
	}
	for _, name := range slices.Sorted(maps.Keys(is.Errors)) {
		all = append(all, "error "+is.Errors[name].Sig)
	}
	return all
}
