package catalog

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strconv"
)

// Size is a number of bytes. In a manifest it is written with a binary unit,
// such as 16GiB.
type Size int64

// The units of a Size.
const (
	MiB Size = 1 << 20
	GiB Size = 1 << 30
	TiB Size = 1 << 40
)

var (
	sizePattern = regexp.MustCompile(`^([1-9][0-9]*)(MiB|GiB|TiB)$`)
	sizeUnits   = map[string]Size{"MiB": MiB, "GiB": GiB, "TiB": TiB}
)

// ParseSize reads a size such as "512MiB", "16GiB" or "1TiB". The error says
// what is wrong without repeating the text.
func ParseSize(text string) (Size, error) {
	parts := sizePattern.FindStringSubmatch(text)
	if parts == nil {
		return 0, fmt.Errorf("must be a whole number of MiB, GiB or TiB, such as 16GiB")
	}
	n, err := strconv.ParseInt(parts[1], 10, 64)
	unit := sizeUnits[parts[2]]
	if err != nil || n > math.MaxInt64/int64(unit) {
		return 0, fmt.Errorf("is more than 64 bits can hold")
	}
	return Size(n) * unit, nil
}

// String returns the size in the largest unit that divides it.
func (s Size) String() string {
	switch {
	case s == 0:
		return "0"
	case s%TiB == 0:
		return fmt.Sprintf("%dTiB", s/TiB)
	case s%GiB == 0:
		return fmt.Sprintf("%dGiB", s/GiB)
	case s%MiB == 0:
		return fmt.Sprintf("%dMiB", s/MiB)
	default:
		return fmt.Sprintf("%dB", int64(s))
	}
}

// MarshalJSON writes the size as it is written in a manifest.
func (s Size) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }

// UnmarshalJSON reads a size as it is written in a manifest.
func (s *Size) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	size, err := ParseSize(text)
	if err != nil {
		return fmt.Errorf("size %q %w", text, err)
	}
	*s = size
	return nil
}
