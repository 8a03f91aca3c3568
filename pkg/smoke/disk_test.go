package smoke

import (
	"testing"

	"github.com/moby/moby/api/types/image"
)

// TestLayers counts by hand what a driver that copies each layer takes.
func TestLayers(t *testing.T) {
	history := func(sizes ...int64) (items []image.HistoryResponseItem) {
		for _, size := range sizes { // the newest first, as engines tell them
			items = append(items, image.HistoryResponseItem{Size: size})
		}
		return items
	}
	of := func(id string, layers ...string) (info image.InspectResponse) {
		info.ID, info.RootFS.Layers = id, layers
		return info
	}
	var all layers
	for _, c := range []struct {
		name       string
		info       image.InspectResponse
		history    []image.HistoryResponseItem
		containers int
		more       int64
	}{
		{"10 below 1, with one container", of("a", "base", "own"), history(0, 1, 0, 10, 0), 1, 10 + 11 + 2*11},
		{"the same again", of("a", "base", "own"), history(0, 1, 0, 10, 0), 1, 2 * 11},
		{"another on the same base, with two", of("b", "base", "other"), history(5, 10), 2, 15 + 2*2*15},
		{"the same layer on another base", of("c", "else", "own"), history(1, 20), 0, 20 + 21},
		{"a layer that holds nothing", of("d", "base", "empty", "more"), history(2, 0, 10), 0, 10 + 12},
		{"none", of("e"), nil, 3, 0},
	} {
		before := all.bytes
		all.add(c.info, c.history, c.containers)
		if got := all.bytes - before; got != c.more {
			t.Errorf("%s: %d, want %d", c.name, got, c.more)
		}
	}
}
