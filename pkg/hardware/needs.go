package hardware

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/docker/go-units"
)

// Needs are what a manifest states for one environment. A zero field is not
// stated.
type Needs struct {
	// VRAM and RAM in bytes.
	VRAM, RAM int64
	CPUs      float64
	// Driver is the oldest NVIDIA driver that works, such as "525.60.13".
	Driver string
	// ComputeCapability is the least that works, such as "7.0".
	ComputeCapability string
	// GFX are the AMD targets that work, such as "gfx1100".
	GFX []string
}

// Unmet returns, as sentences, what the manifest states and the host does not
// have. What the host does not tell is not held against it.
func (n Needs) Unmet(environment string, facts Facts) []string {
	var unmet []string
	miss := func(format string, args ...any) { unmet = append(unmet, fmt.Sprintf(format, args...)) }
	if n.CPUs > 0 && facts.CPUs > 0 && float64(facts.CPUs) < n.CPUs {
		miss("the template states %s CPU cores; the engine's host has %d", strconv.FormatFloat(n.CPUs, 'g', -1, 64), facts.CPUs)
	}
	if n.RAM > 0 && facts.Memory > 0 && facts.Memory < n.RAM {
		miss("the template states %s of main memory; the engine's host has %s", size(n.RAM), size(facts.Memory))
	}
	driver := facts.Driver(environment)
	if environment == NVIDIA && n.Driver != "" && driver.Version != "" && compare(driver.Version, n.Driver) < 0 {
		miss("the template states NVIDIA driver %s or newer; the engine's host has %s", n.Driver, driver.Version)
	}
	if len(driver.GPUs) == 0 {
		return unmet
	}
	// One GPU that has all of it is enough. A GPU that does not tell counts as one.
	if !slices.ContainsFunc(driver.GPUs, func(g GPU) bool { return n.suits(environment, g) }) {
		miss("the template states %s; the engine's host has %s", n.gpu(environment), describe(driver.GPUs))
	}
	return unmet
}

func (n Needs) suits(environment string, g GPU) bool {
	if n.VRAM > 0 && g.Memory > 0 && g.Memory < n.VRAM {
		return false
	}
	if g.Architecture == "" {
		return true
	}
	if environment == AMD {
		return len(n.GFX) == 0 || slices.Contains(n.GFX, g.Architecture)
	}
	return n.ComputeCapability == "" || compare(g.Architecture, n.ComputeCapability) >= 0
}

// gpu describes the GPU that is needed.
func (n Needs) gpu(environment string) string {
	var parts []string
	if n.VRAM > 0 {
		parts = append(parts, "with "+size(n.VRAM)+" of memory")
	}
	if environment == AMD && len(n.GFX) > 0 {
		parts = append(parts, "of target "+strings.Join(n.GFX, " or "))
	}
	if environment == NVIDIA && n.ComputeCapability != "" {
		parts = append(parts, "of compute capability "+n.ComputeCapability+" or higher")
	}
	return "a GPU " + strings.Join(parts, " and ")
}

func describe(gpus []GPU) string {
	var texts []string
	for _, g := range gpus {
		text := g.Name
		var parts []string
		if g.Memory > 0 {
			parts = append(parts, size(g.Memory))
		}
		if g.Architecture != "" {
			parts = append(parts, g.Architecture)
		}
		if len(parts) > 0 {
			text += " (" + strings.Join(parts, ", ") + ")"
		}
		if !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, ", ")
}

// compare orders versions of numbers and dots; a part that is missing is 0.
func compare(a, b string) int {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range max(len(as), len(bs)) {
		var x, y int
		if i < len(as) {
			x, _ = strconv.Atoi(as[i])
		}
		if i < len(bs) {
			y, _ = strconv.Atoi(bs[i])
		}
		if x != y {
			return x - y
		}
	}
	return 0
}

// size writes bytes as manifests do, such as "22.5GiB".
func size(bytes int64) string { return units.BytesSize(float64(bytes)) }
