package catalog

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Duration is a time limit of whole seconds. In a manifest it is written as
// hours, minutes and seconds, such as 90s or 1h30m.
type Duration time.Duration

// A limit of no time at all makes no sense, so no part is zero.
var durationPattern = regexp.MustCompile(`^(?:([1-9][0-9]{0,5})h)?(?:([1-9][0-9]{0,5})m)?(?:([1-9][0-9]{0,5})s)?$`)

// ParseDuration reads a duration such as "90s", "10m" or "1h30m". The error
// says what is wrong without repeating the text.
func ParseDuration(text string) (Duration, error) {
	parts := durationPattern.FindStringSubmatch(text)
	if parts == nil || text == "" {
		return 0, fmt.Errorf("must be hours, minutes and seconds, such as 90s, 10m or 1h30m")
	}
	var d time.Duration
	for i, unit := range []time.Duration{time.Hour, time.Minute, time.Second} {
		if parts[i+1] == "" {
			continue
		}
		n, err := strconv.ParseInt(parts[i+1], 10, 64)
		if err != nil {
			return 0, err
		}
		d += time.Duration(n) * unit // six digits of each unit fit
	}
	return Duration(d), nil
}

// parseLimit reads a duration that may be at most so long.
func parseLimit(text string, most Duration) error {
	d, err := ParseDuration(text)
	if err == nil && d > most {
		err = fmt.Errorf("must be at most %s", most)
	}
	return err
}

// String returns the duration as a manifest writes it, to the second.
func (d Duration) String() string {
	var b strings.Builder
	rest := time.Duration(d)
	for _, unit := range []struct {
		name string
		size time.Duration
	}{{"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}} {
		if n := rest / unit.size; n > 0 {
			fmt.Fprintf(&b, "%d%s", n, unit.name)
			rest -= n * unit.size
		}
	}
	if b.Len() == 0 {
		return "0s"
	}
	return b.String()
}

func (d Duration) seconds() int64 { return int64(time.Duration(d) / time.Second) }

// MarshalJSON writes the duration as it is written in a manifest.
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(d.String()) }

// UnmarshalJSON reads a duration as it is written in a manifest.
func (d *Duration) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	duration, err := ParseDuration(text)
	if err != nil {
		return fmt.Errorf("duration %q %w", text, err)
	}
	*d = duration
	return nil
}
