package hardware

import (
	"io/fs"
	"regexp"
	"strings"
)

var (
	nvrmLine = regexp.MustCompile(`(?m)^NVRM version:.*?\s(\d{1,4}(?:\.\d{1,4}){1,3})(?:\s|$)`)
	gpuUUID  = regexp.MustCompile(`^GPU-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	pciBus   = regexp.MustCompile(`^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$`)
)

// nvidia reads what NVIDIA's kernel driver says of itself: /proc/driver/nvidia.
func (r *reader) nvidia(proc fs.FS) Driver {
	version := r.text(proc, "driver/nvidia/version")
	if version == "" {
		return Driver{}
	}
	d := Driver{Loaded: true}
	if m := nvrmLine.FindStringSubmatch(version); m != nil {
		d.Version = m[1]
	} else {
		r.problem("driver/nvidia/version states no version")
	}
	for _, bus := range r.list(proc, "driver/nvidia/gpus") {
		gpu, ok := r.nvidiaGPU(proc, bus)
		if !ok {
			continue
		}
		if len(d.GPUs) == maxGPUs {
			r.problem("there are more than %d NVIDIA GPUs", maxGPUs)
			break
		}
		d.GPUs = append(d.GPUs, gpu)
	}
	return d
}

func (r *reader) nvidiaGPU(proc fs.FS, bus string) (GPU, bool) {
	name := "driver/nvidia/gpus/" + bus + "/information"
	if !pciBus.MatchString(strings.ToLower(bus)) {
		r.problem("%s is at no PCI address", name)
		return GPU{}, false
	}
	gpu := GPU{Bus: strings.ToLower(bus)}
	for line := range strings.Lines(r.text(proc, name)) {
		key, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		switch strings.TrimSpace(key) {
		case "Model":
			gpu.Name = clean(value)
		case "GPU UUID":
			// Before the driver has started the GPU, it writes question marks.
			if gpuUUID.MatchString(value) {
				gpu.UUID = value
			}
		case "GPU Excluded":
			if value == "Yes" {
				r.problem("the NVIDIA GPU at %s is excluded by the driver's configuration", gpu.Bus)
				return GPU{}, false
			}
		}
	}
	if gpu.Name == "" {
		r.problem("%s names no model", name)
		return GPU{}, false
	}
	return gpu, true
}
