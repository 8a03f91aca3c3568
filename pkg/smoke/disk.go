package smoke

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/moby/moby/api/types/image"
)

// copies is how often a container holds all of its image where each layer is a copy:
// once for what the engine puts on top of the image, and once for itself.
const copies = 2

// layers counts what images and containers take on an engine whose storage driver copies
// each layer whole, as vfs does: the engine within OpenGPU's provider image has it. It
// goes by what the layers hold, which any engine tells; blocks and metadata come on top.
type layers struct {
	seen  map[string]bool
	bytes int64
}

// add counts an image, whose layers may be those of another, with a number of containers.
func (l *layers) add(info image.InspectResponse, history []image.HistoryResponseItem, containers int) {
	var sizes []int64
	for _, step := range slices.Backward(history) { // the oldest first
		if step.Size > 0 {
			sizes = append(sizes, step.Size)
		}
	}
	if l.seen == nil {
		l.seen = map[string]bool{}
	}
	var whole int64
	for i, size := range sizes {
		whole += size
		// A layer is the same when all below it are. Layers that hold nothing are in only
		// one of the lists; then it is not known which is which.
		key := fmt.Sprint(info.ID, " ", i)
		if len(info.RootFS.Layers) == len(sizes) {
			key = strings.Join(info.RootFS.Layers[:i+1], " ")
		}
		if !l.seen[key] {
			l.seen[key] = true
			l.bytes += whole
		}
	}
	l.bytes += whole * copies * int64(containers)
}

// onDisk is what the stack's images and containers take where each layer is a copy.
func (r *run) onDisk(ctx context.Context) (int64, error) {
	var all layers
	for _, service := range r.project.ServiceNames() {
		id := r.imageIDs[service]
		info, err := r.Engine.API.ImageInspect(ctx, id)
		if err != nil {
			return 0, err
		}
		history, err := r.Engine.API.ImageHistory(ctx, id)
		if err != nil {
			return 0, err
		}
		config := r.project.Services[service]
		all.add(info.InspectResponse, history.Items, config.GetScale())
	}
	return all.bytes, nil
}

// fitsDisk holds that against what the manifest states.
func (r *run) fitsDisk(ctx context.Context) error {
	if spec := r.Template.Manifest.Environments.Get(r.Environment); spec != nil {
		r.record.Peak.DiskStated = int64(spec.Hardware.Disk)
	}
	taken, err := r.onDisk(ctx)
	if err != nil {
		return asFailure(ctx, err, "asking how large the images are")
	}
	r.record.Peak.Disk = taken
	if stated := r.record.Peak.DiskStated; stated > 0 && taken > stated {
		return fail(DiskOver, "images and containers take %d MiB of disk where each layer is a copy; the manifest states %d MiB", taken>>20, stated>>20)
	}
	return nil
}
