// Package hardware finds out what a host has, what its engine hands out, and
// whether a stack used it. What the host's kernel says is believed; what the
// engine, an image or a program in a container says is held against it.
package hardware

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/opengpu-network/templates/pkg/record"
)

// The environments that a template may have.
const (
	CPU    = "cpu"
	NVIDIA = "nvidia"
	AMD    = "amd"
)

// Facts are what a host's kernel says of its hardware.
type Facts struct {
	// Kernel is the release, such as "6.8.0-45-generic".
	Kernel string `json:"kernel,omitempty"`
	// CPUs that are online.
	CPUs int `json:"cpus"`
	// Memory in bytes.
	Memory int64  `json:"memory"`
	NVIDIA Driver `json:"nvidia"`
	AMD    Driver `json:"amd"`
	// Problems are sentences about what could not be read.
	Problems []string `json:"problems,omitempty"`
}

// Driver is one vendor's kernel driver and the GPUs that it drives.
type Driver struct {
	// Loaded is true when the kernel has the driver.
	Loaded bool `json:"loaded"`
	// Version of the driver; empty for one that comes with the kernel.
	Version string `json:"version,omitempty"`
	GPUs    []GPU  `json:"gpus,omitempty"`
}

// GPU is one GPU that a kernel driver drives.
type GPU struct {
	Name string `json:"name"`
	// UUID is NVIDIA's, as "GPU-<uuid>"; empty when the driver does not tell.
	UUID string `json:"uuid,omitempty"`
	// Bus is the PCI address, such as "0000:01:00.0".
	Bus string `json:"bus,omitempty"`
	// Memory in bytes; 0 when unknown. NVIDIA's kernel driver does not tell:
	// see Complete.
	Memory int64 `json:"memory,omitempty"`
	// Used is the memory in use, in bytes, on AMD; meaningful when Memory is
	// known.
	Used int64 `json:"used,omitempty"`
	// Architecture is the CUDA compute capability ("9.0") or the gfx target
	// ("gfx1100"); empty when unknown.
	Architecture string `json:"architecture,omitempty"`
}

// Driver returns the driver and GPUs of the environment; nothing for the CPU.
func (f Facts) Driver(environment string) Driver {
	switch environment {
	case NVIDIA:
		return f.NVIDIA
	case AMD:
		return f.AMD
	default:
		return Driver{}
	}
}

// Host is the facts as a smoke record has them.
func (f Facts) Host() record.Host {
	host := record.Host{CPUs: f.CPUs, Memory: f.Memory}
	for _, vendor := range []string{NVIDIA, AMD} {
		driver := f.Driver(vendor)
		for _, g := range driver.GPUs {
			version := driver.Version
			if version == "" {
				version = "kernel " + f.Kernel
			}
			host.GPUs = append(host.GPUs, record.GPU{Vendor: vendor, Name: g.Name, Memory: g.Memory, Driver: version, Architecture: g.Architecture})
		}
	}
	return host
}

// Complete returns the facts with what the kernel does not tell of NVIDIA GPUs:
// their memory and compute capability. Readings of GPUs that the kernel does not
// know change nothing.
func (f Facts) Complete(readings []Reading) Facts {
	f.NVIDIA.GPUs = slices.Clone(f.NVIDIA.GPUs)
	for i, g := range f.NVIDIA.GPUs {
		for _, r := range readings {
			if g.UUID != "" && g.UUID == r.UUID {
				f.NVIDIA.GPUs[i].Memory, f.NVIDIA.GPUs[i].Architecture = r.Total, r.ComputeCapability
			}
		}
	}
	return f
}

// AMDMemoryUsed returns the memory in use on all AMD GPUs of the facts, in bytes.
// An error says that no GPU tells.
func (f Facts) AMDMemoryUsed() (int64, error) {
	var sum int64
	told := false
	for _, g := range f.AMD.GPUs {
		if g.Memory == 0 {
			continue // Such a GPU does not tell.
		}
		if sum, told = sum+g.Used, true; sum < 0 {
			return 0, errors.New("the memory in use on AMD GPUs is no size in bytes")
		}
	}
	if !told {
		return 0, errNoAMDMemory
	}
	return sum, nil
}

// Limits on facts that come from another host.
const (
	maxFactsBytes = 1 << 20
	maxGPUs       = 64
	maxText       = 128
	maxMessage    = 400
)

// DecodeFacts reads facts that were printed as JSON on another host, up to 1 MiB.
// An error means that they were not written by this package.
func DecodeFacts(r io.Reader) (Facts, error) {
	var f Facts
	data, err := io.ReadAll(io.LimitReader(r, maxFactsBytes+1))
	if err != nil {
		return Facts{}, fmt.Errorf("the facts about the engine's host cannot be read: %w", err)
	}
	if len(data) > maxFactsBytes {
		return Facts{}, fmt.Errorf("the facts about the engine's host are larger than %d bytes", maxFactsBytes)
	}
	if err := json.Unmarshal(data, &f); err != nil {
		return Facts{}, fmt.Errorf("the facts about the engine's host cannot be read: %w", err)
	}
	return f, f.check()
}

func (f Facts) check() error {
	texts := append([]string{f.Kernel, f.NVIDIA.Version, f.AMD.Version}, f.Problems...)
	gpus := slices.Concat(f.NVIDIA.GPUs, f.AMD.GPUs)
	for _, g := range gpus {
		texts = append(texts, g.Name, g.UUID, g.Bus, g.Architecture)
		if g.Memory < 0 || g.Used < 0 {
			return fmt.Errorf("the facts about the engine's host are wrong: a GPU's memory is negative")
		}
	}
	if f.CPUs < 0 || f.Memory < 0 || len(gpus) > 2*maxGPUs || len(f.Problems) > maxEntries {
		return fmt.Errorf("the facts about the engine's host are wrong: a number is out of range")
	}
	for _, text := range texts {
		if text != clean(text) {
			return fmt.Errorf("the facts about the engine's host are wrong: a text is too long or cannot be printed")
		}
	}
	return nil
}

// clean makes text from a host or a program fit to be shown: one line, printable,
// not long.
func clean(text string) string { return cleanTo(text, maxText) }

func cleanTo(text string, most int) string {
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, " ")))
	if runes := []rune(text); len(runes) > most {
		text = strings.TrimSpace(string(runes[:most-1])) + "…"
	}
	return text
}

// times multiplies sizes; it says so when the result is out of range.
func times(n, unit int64) (int64, bool) {
	if n < 0 || n > math.MaxInt64/unit {
		return 0, false
	}
	return n * unit, true
}
