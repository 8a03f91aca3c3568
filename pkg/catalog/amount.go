package catalog

import (
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"strings"
)

// Decimals is how many decimal places one OGPU has: 1 OGPU is 10^18 wei.
const Decimals = 18

// maxAmountBits is the width of an amount on the chain.
const maxAmountBits = 256

var amountPattern = regexp.MustCompile(`^(0|[1-9][0-9]*)(\.[0-9]{1,18})?$`)

// Amount is an exact amount of OGPU. The zero value is not given; it counts as
// 0 OGPU. An Amount never passes through floating point.
type Amount struct {
	wei  *big.Int
	text string
}

// ParseAmount reads an amount in OGPU, such as "0.001". It accepts digits and
// at most 18 decimal places: no sign, no exponent, no separators. The error
// says what is wrong without repeating the text.
func ParseAmount(text string) (Amount, error) {
	// Far longer than what 256 bits can hold: do not even convert it.
	if len(text) > 100 {
		return Amount{}, fmt.Errorf("is too long for an amount")
	}
	if !amountPattern.MatchString(text) {
		return Amount{}, fmt.Errorf("must be a plain decimal amount of OGPU such as 0.001, with at most %d decimal places", Decimals)
	}
	whole, fraction, _ := strings.Cut(text, ".")
	wei, ok := new(big.Int).SetString(whole+fraction+strings.Repeat("0", Decimals-len(fraction)), 10)
	if !ok || wei.BitLen() > maxAmountBits {
		return Amount{}, fmt.Errorf("is more than the chain can hold")
	}
	return Amount{wei: wei, text: text}, nil
}

// Given is false for the zero value: the manifest states no readable amount.
func (a Amount) Given() bool { return a.wei != nil }

// Wei returns the amount in wei. The caller owns the result.
func (a Amount) Wei() *big.Int {
	if a.wei == nil {
		return new(big.Int)
	}
	return new(big.Int).Set(a.wei)
}

// String returns the amount in OGPU in its shortest form, such as "0.001".
func (a Amount) String() string {
	digits := a.Wei().String()
	if short := Decimals + 1 - len(digits); short > 0 {
		digits = strings.Repeat("0", short) + digits
	}
	whole, fraction := digits[:len(digits)-Decimals], strings.TrimRight(digits[len(digits)-Decimals:], "0")
	if fraction == "" {
		return whole
	}
	return whole + "." + fraction
}

// MarshalJSON writes the amount as a string in OGPU.
func (a Amount) MarshalJSON() ([]byte, error) { return json.Marshal(a.String()) }

// UnmarshalJSON reads a JSON string in OGPU. A JSON number is refused: its
// digits may already be lost.
func (a *Amount) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	parsed, err := ParseAmount(text)
	if err != nil {
		return fmt.Errorf("amount %q %w", text, err)
	}
	*a = parsed
	return nil
}
