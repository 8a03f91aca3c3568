package importer

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"strconv"

	"github.com/opengpu-network/templates/pkg/catalog"
)

// Limits on numbers as they are written.
const (
	maxNumberLength = 120
	maxExponent     = 100
)

var (
	numberPattern = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?([eE]([+-]?[0-9]{1,9}))?$`)
	hexPattern    = regexp.MustCompile(`^0x[0-9a-fA-F]{1,64}$`)
)

// number reads a JSON number, or a text that holds one as programs print those of
// the chain: decimal, or hexadecimal after 0x. It is exact. The error completes
// "the value …".
func number(value any) (*big.Rat, error) {
	var text string
	switch v := value.(type) {
	case json.Number:
		text = v.String()
	case string:
		text = v
		if hexPattern.MatchString(text) {
			n, _ := new(big.Int).SetString(text[2:], 16)
			return new(big.Rat).SetInt(n), nil
		}
	default:
		return nil, fmt.Errorf("is %s and must be a number", kind(value))
	}
	parts := numberPattern.FindStringSubmatch(text)
	if parts == nil && len(text) <= maxNumberLength {
		return nil, errors.New("is text that holds no number")
	}
	if len(text) > maxNumberLength {
		return nil, errors.New("is a number with too many digits")
	}
	// 1e999999999 is short and fills the memory.
	if exponent, err := strconv.Atoi(parts[3]); parts[3] != "" && (err != nil || exponent > maxExponent || exponent < -maxExponent) {
		return nil, errors.New("is a number whose exponent is too large")
	}
	exact, ok := new(big.Rat).SetString(text)
	if !ok {
		return nil, errors.New("is text that holds no number")
	}
	return exact, nil
}

// oneOGPU is how many wei one OGPU is.
func oneOGPU() *big.Rat {
	return new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(catalog.Decimals), nil))
}

// wei reads an amount in wei.
func wei(value any) (catalog.Amount, error) {
	exact, err := number(value)
	if err != nil {
		return catalog.Amount{}, err
	}
	if !exact.IsInt() {
		return catalog.Amount{}, fmt.Errorf("is %v, which is no whole number of wei: if it is meant in OGPU, write %s", value, hint(exact))
	}
	return catalog.AmountOfWei(exact.Num())
}

// hint is an amount of OGPU in wei.
func hint(ogpu *big.Rat) string {
	amount := new(big.Rat).Mul(ogpu, oneOGPU())
	if !amount.IsInt() {
		return "it as a whole number of wei"
	}
	return amount.Num().String()
}

// ogpu reads an amount in OGPU.
func ogpu(value any) (catalog.Amount, error) {
	exact, err := number(value)
	if err != nil {
		return catalog.Amount{}, err
	}
	exact.Mul(exact, oneOGPU())
	if !exact.IsInt() {
		return catalog.Amount{}, fmt.Errorf("is %v, which has more than the %d decimal places of OGPU", value, catalog.Decimals)
	}
	return catalog.AmountOfWei(exact.Num())
}

// whole reads a whole number between two bounds.
func whole(value any, least, most int64) (int64, error) {
	exact, err := number(value)
	if err != nil {
		return 0, err
	}
	if !exact.IsInt() || !exact.Num().IsInt64() || exact.Num().Int64() < least || exact.Num().Int64() > most {
		return 0, fmt.Errorf("is %v and must be a whole number from %d to %d", value, least, most)
	}
	return exact.Num().Int64(), nil
}

// maxVRAM is the largest memory of a GPU that is believed, in GiB.
const maxVRAM = 100_000

// vram reads a GPU's memory, in units of which a card with "8 GB" has 8: GiB. What
// is no whole number of MiB is rounded up.
func vram(value any) (catalog.Size, error) {
	exact, err := number(value)
	if err != nil {
		return 0, err
	}
	if exact.Sign() < 0 || exact.Cmp(new(big.Rat).SetInt64(maxVRAM)) > 0 {
		return 0, fmt.Errorf("is %v and must be from 0 to %d", value, maxVRAM)
	}
	mib := new(big.Rat).Mul(exact, new(big.Rat).SetInt64(1024))
	up := new(big.Int).Add(mib.Num(), new(big.Int).Sub(mib.Denom(), big.NewInt(1)))
	return catalog.Size(up.Div(up, mib.Denom()).Int64()) * catalog.MiB, nil
}
