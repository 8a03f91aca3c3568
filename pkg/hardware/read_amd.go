package hardware

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

const kfdNodes = "class/kfd/kfd/topology/nodes"

// ProbeDeviceRules are device cgroup rules for a container that is to read all
// facts: without them the kernel hides the properties of AMD's GPUs from it. They
// give no device to it, and it needs no device node.
func ProbeDeviceRules() []string { return []string{"c 226:* rw"} }

// amd reads what AMD's kernel driver says: the compute topology of
// /sys/class/kfd, and each GPU's PCI device.
func (r *reader) amd(sys fs.FS) Driver {
	nodes, err := listFolder(sys, kfdNodes)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			r.problem("%s cannot be read: %v", kfdNodes, err)
		}
		return Driver{}
	}
	d := Driver{Loaded: true, Version: clean(r.text(sys, "module/amdgpu/version"))}
	for _, node := range nodes {
		gpu, ok := r.amdGPU(sys, kfdNodes+"/"+node)
		if !ok {
			continue
		}
		if len(d.GPUs) == maxGPUs {
			r.problem("there are more than %d AMD GPUs", maxGPUs)
			break
		}
		d.GPUs = append(d.GPUs, gpu)
	}
	return d
}

func (r *reader) amdGPU(sys fs.FS, node string) (GPU, bool) {
	properties := r.properties(sys, node+"/properties")
	// A node without SIMD units is a CPU.
	if properties["simd_count"] <= 0 {
		return GPU{}, false
	}
	gpu := GPU{
		Name:         clean(r.text(sys, node+"/name")),
		Architecture: gfx(properties["gfx_target_version"]),
		Bus:          bus(properties["domain"], properties["location_id"]),
	}
	for _, bank := range r.list(sys, node+"/mem_banks") {
		memory := r.properties(sys, node+"/mem_banks/"+bank+"/properties")
		// 1 is memory of the GPU that the CPU sees, 2 that it does not see.
		if heap := memory["heap_type"]; heap == 1 || heap == 2 {
			if sum := gpu.Memory + memory["size_in_bytes"]; sum >= gpu.Memory {
				gpu.Memory = sum
			}
		}
	}
	device := fmt.Sprintf("class/drm/renderD%d/device/", properties["drm_render_minor"])
	if name := clean(r.text(sys, device+"product_name")); name != "" {
		gpu.Name = name
	}
	if total, err := number(r.text(sys, device+"mem_info_vram_total")); err == nil {
		gpu.Memory = total
	}
	if used, err := number(r.text(sys, device+"mem_info_vram_used")); err == nil && used <= gpu.Memory {
		gpu.Used = used
	}
	if gpu.Name == "" {
		gpu.Name = or(gpu.Architecture, "an unnamed GPU")
	}
	return gpu, true
}

var errNoAMDMemory = errors.New("the kernel of the engine's host shows the memory of no AMD GPU")

// AMDMemoryUsed returns the memory in use on all GPUs of the host that AMD's
// driver drives, in bytes. It needs no device: the host, or any container, can
// read it. An error says that there is none, or that it cannot be read.
func AMDMemoryUsed(sys fs.FS) (int64, error) {
	names, err := listFolder(sys, "class/drm")
	if err != nil {
		return 0, fmt.Errorf("the memory in use on AMD GPUs cannot be read: %w", err)
	}
	var sum int64
	found := false
	for _, name := range names {
		if !strings.HasPrefix(name, "renderD") {
			continue
		}
		data, err := readFile(sys, "class/drm/"+name+"/device/mem_info_vram_used")
		if errors.Is(err, fs.ErrNotExist) {
			continue // Another vendor's.
		}
		if err != nil {
			return 0, fmt.Errorf("the memory in use on the AMD GPU %s cannot be read: %w", name, err)
		}
		used, err := number(string(data))
		if err != nil || sum+used < sum {
			return 0, fmt.Errorf("the memory in use on the AMD GPU %s is no size in bytes", name)
		}
		sum, found = sum+used, true
	}
	if !found {
		return 0, errNoAMDMemory
	}
	return sum, nil
}

// properties reads a file of lines "name number". Numbers that no int64 holds
// are left out.
func (r *reader) properties(sys fs.FS, name string) map[string]int64 {
	values := map[string]int64{}
	for line := range strings.Lines(r.text(sys, name)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if n, err := number(value); err == nil {
			values[key] = n
		}
	}
	return values
}

func number(text string) (int64, error) {
	n, err := strconv.ParseUint(strings.TrimSpace(text), 10, 63)
	return int64(n), err
}

// gfx names the target: 90010 is gfx90a, 110000 is gfx1100.
func gfx(version int64) string {
	if version <= 0 || version >= 1000000 {
		return ""
	}
	return fmt.Sprintf("gfx%d%x%x", version/10000, version/100%100, version%100)
}

// bus writes a PCI address from the kernel's number for bus, device and function.
func bus(domain, location int64) string {
	if location < 0 || location > 0xffff || domain < 0 || domain > 0xffffffff {
		return ""
	}
	return fmt.Sprintf("%04x:%02x:%02x.%x", domain, location>>8, location>>3&0x1f, location&7)
}
