package publish

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/chain"
	"github.com/opengpu-network/templates/pkg/release"
)

// Show writes the value of a source's field for people: amounts in OGPU besides
// wei, seconds as hours, environments and delivery methods by their names. Fields
// are named as Check and chain.Change name them. No value at all is "empty". One
// that is not of its form stays as it is; it may come from a stranger.
func Show(field, value string) string {
	if text := show(field, value); text != "" {
		return text
	}
	return "empty"
}

func show(field, value string) string {
	switch field {
	case "minPayment", "minAvailableLockup":
		return showWei(value)
	case "maxExpiryDuration":
		return showSeconds(value)
	case "imageEnvironments":
		if bits, err := strconv.ParseUint(value, 10, 8); err == nil {
			return names(uint8(bits))
		}
	case "deliveryMethod":
		if method, err := strconv.ParseUint(value, 10, 8); err == nil && catalog.DeliveryMethod(method) <= catalog.FirstResponse {
			return catalog.DeliveryMethod(method).String()
		}
	}
	if strings.HasPrefix(field, "hardware of ") {
		return showHardware(value)
	}
	return value
}

func showWei(value string) string {
	wei, ok := new(big.Int).SetString(value, 10)
	if !ok {
		return value
	}
	text := chain.OGPU(wei) + " OGPU"
	if wei.Sign() != 0 {
		text += " (" + value + " wei)"
	}
	return text
}

// showSeconds writes seconds also as hours, minutes and seconds.
func showSeconds(value string) string {
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil || n < 60 || n > int64(math.MaxInt64/time.Second) {
		return value + " s"
	}
	return value + " s (" + catalog.Duration(time.Duration(n)*time.Second).String() + ")"
}

// showHardware writes the JSON of a release's hardware as a list.
func showHardware(value string) string {
	var h release.Hardware
	if json.Unmarshal([]byte(value), &h) != nil {
		return value
	}
	var parts []string
	for _, size := range []struct {
		name  string
		bytes int64
	}{{"VRAM", h.VRAM}, {"RAM", h.RAM}, {"disk", h.Disk}} {
		if size.bytes > 0 {
			parts = append(parts, catalog.Size(size.bytes).String()+" "+size.name)
		}
	}
	switch {
	case h.CPUs == 1:
		parts = append(parts, "1 CPU")
	case h.CPUs > 0:
		parts = append(parts, fmt.Sprintf("%v CPUs", h.CPUs))
	}
	if h.ComputeCapability != "" {
		parts = append(parts, "compute capability "+h.ComputeCapability)
	}
	if h.Driver != "" {
		parts = append(parts, "driver "+h.Driver)
	}
	if len(h.GFX) > 0 {
		parts = append(parts, strings.Join(h.GFX, " "))
	}
	return strings.Join(parts, ", ")
}
