package networks

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ethereum/go-ethereum/common"
)

// ParseAddress reads an address that a human wrote. Capitals are a checksum
// (EIP-55): one that does not fit is a letter that was mistyped, and the address
// that of nobody. Digits of one case have none.
func ParseAddress(text string) (common.Address, error) {
	address, err := common.NewMixedcaseAddressFromString(text)
	if err != nil || !strings.HasPrefix(text, "0x") {
		return common.Address{}, fmt.Errorf("%.80q is no address: write 0x and 40 hex digits", text)
	}
	digits := text[2:]
	if digits != strings.ToLower(digits) && digits != strings.ToUpper(digits) && !address.ValidChecksum() {
		return common.Address{}, fmt.Errorf("the address %s is mistyped: it does not fit the checksum in its capitals", text)
	}
	if address.Address() == (common.Address{}) {
		return common.Address{}, errors.New("the address 0 is nobody's")
	}
	return address.Address(), nil
}
