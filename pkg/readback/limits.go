package readback

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/moby/api/types/blkiodev"
)

// defaultShmSize is the size of /dev/shm when nothing is said, in bytes. An
// engine can be set to another one and does not tell: that is a difference.
const defaultShmSize = 64 << 20

func (s *subject) limits() {
	m := s.model
	memory, reservation, cpus, pids := int64(m.MemLimit), int64(m.MemReservation), float64(m.CPUS), m.PidsLimit
	if m.Deploy != nil {
		if limits := m.Deploy.Resources.Limits; limits != nil {
			memory = cmp.Or(int64(limits.MemoryBytes), memory)
			cpus = cmp.Or(float64(limits.NanoCPUs), cpus)
			pids = cmp.Or(limits.Pids, pids)
		}
		if reserved := m.Deploy.Resources.Reservations; reserved != nil {
			reservation = cmp.Or(int64(reserved.MemoryBytes), reservation)
		}
	}
	same(s, "memory", memory, s.host.Memory)
	same(s, "mem_reservation", reservation, s.host.MemoryReservation)
	s.swap(memory)
	same(s, "cpu_shares", m.CPUShares, s.host.CPUShares)
	same(s, "cpu_period", m.CPUPeriod, s.host.CPUPeriod)
	same(s, "cpu_quota", m.CPUQuota, s.host.CPUQuota)
	same(s, "cpu_rt_period", m.CPURTPeriod, s.host.CPURealtimePeriod)
	same(s, "cpu_rt_runtime", m.CPURTRuntime, s.host.CPURealtimeRuntime)
	same(s, "cpuset", m.CPUSet, s.host.CpusetCpus)
	same(s, "cpu_count", m.CPUCount, s.host.CPUCount)
	same(s, "cpu_percent", int64(m.CPUPercent), s.host.CPUPercent)
	// The model has cores as a 32-bit fraction: a millionth of it is noise.
	if nano := cpus * 1e9; math.Abs(nano-float64(s.host.NanoCPUs)) > math.Abs(nano)*1e-6 {
		s.differ("cpus", fmt.Sprint(cpus), fmt.Sprint(float64(s.host.NanoCPUs)/1e9))
	}
	// None, 0 and -1 all mean that there is no limit.
	same(s, "pids_limit", max(pids, 0), max(deref(s.host.PidsLimit), 0))
	s.applied("memory", s.host.Memory > 0)
	s.applied("cpus", s.host.NanoCPUs > 0)
	s.applied("pids_limit", deref(s.host.PidsLimit) > 0)
	same(s, "oom_score_adj", m.OomScoreAdj, int64(s.host.OomScoreAdj))
	same(s, "oom_kill_disable", m.OomKillDisable, deref(s.host.OomKillDisable))
	// The engine drops it with cgroups of version 2, which do not have it.
	if s.host.MemorySwappiness != nil || s.state.Engine.CgroupVersion != "2" {
		same(s, "mem_swappiness", cmp.Or(int64(m.MemSwappiness), -1), orUnset(s.host.MemorySwappiness))
	}
	same(s, "shm_size", cmp.Or(int64(m.ShmSize), defaultShmSize), s.host.ShmSize)
	s.mapping("storage_opt", m.StorageOpt, s.host.StorageOpt)
	s.ulimits()
	s.blkio()
	s.logging()
}

// applied reports a limit that the engine has noted and does not apply.
func (s *subject) applied(field string, noted bool) {
	if noted && slices.Contains(s.state.Engine.Unlimited, field) {
		s.differ(field, "a limit", "none, as the engine cannot limit it")
	}
}

// swap compares the limit of memory and swap together, in bytes. By default it
// is twice the memory. A kernel that cannot limit swap has none (-1) or, in
// some engines, keeps it unset.
func (s *subject) swap(memory int64) {
	want, got := cmp.Or(int64(s.model.MemSwapLimit), 2*memory), s.host.MemorySwap
	if !s.state.Engine.SwapLimit && (got == -1 || got == 0) {
		return
	}
	same(s, "memswap_limit", want, got)
}

func (s *subject) ulimits() {
	want, got := map[string]string{}, map[string]string{}
	for name, limit := range s.model.Ulimits {
		soft, hard := limit.Soft, limit.Hard
		if limit.Single != 0 {
			soft, hard = limit.Single, limit.Single
		}
		want[name] = fmt.Sprintf("%d:%d", soft, hard)
	}
	for _, limit := range s.host.Ulimits {
		if limit == nil {
			continue
		}
		if _, twice := got[limit.Name]; twice {
			s.differ("ulimits", limit.Name+" once", limit.Name+" twice")
		}
		got[limit.Name] = fmt.Sprintf("%d:%d", limit.Soft, limit.Hard)
	}
	s.mapping("ulimits", want, got)
}

func (s *subject) blkio() {
	var m types.BlkioConfig
	if s.model.BlkioConfig != nil {
		m = *s.model.BlkioConfig
	}
	same(s, "blkio_config.weight", m.Weight, s.host.BlkioWeight)
	var weights, realWeights []string
	for _, device := range m.WeightDevice {
		weights = append(weights, fmt.Sprintf("%s:%d", device.Path, device.Weight))
	}
	for _, device := range s.host.BlkioWeightDevice {
		realWeights = append(realWeights, show(device))
	}
	s.set("blkio_config.weight_device", weights, realWeights)
	for _, rates := range []struct {
		field string
		want  []types.ThrottleDevice
		got   []*blkiodev.ThrottleDevice
	}{
		{"blkio_config.device_read_bps", m.DeviceReadBps, s.host.BlkioDeviceReadBps},
		{"blkio_config.device_read_iops", m.DeviceReadIOps, s.host.BlkioDeviceReadIOps},
		{"blkio_config.device_write_bps", m.DeviceWriteBps, s.host.BlkioDeviceWriteBps},
		{"blkio_config.device_write_iops", m.DeviceWriteIOps, s.host.BlkioDeviceWriteIOps},
	} {
		var want, got []string
		for _, device := range rates.want {
			want = append(want, fmt.Sprintf("%s:%d", device.Path, device.Rate))
		}
		for _, device := range rates.got {
			got = append(got, show(device))
		}
		s.set(rates.field, want, got)
	}
}

// localLogOptions say how the engine keeps logs on its own disk. An engine may
// set them for all containers that do not choose a driver, and does not tell.
var localLogOptions = []string{"max-size", "max-file", "compress", "labels", "labels-regex", "env", "env-regex", "tag", "mode", "max-buffer-size"}

func (s *subject) logging() {
	driver, options := "", map[string]string{}
	if s.model.Logging != nil {
		driver, options = s.model.Logging.Driver, s.model.Logging.Options
	}
	driver = cmp.Or(driver, s.state.Engine.LoggingDriver)
	same(s, "logging.driver", driver, s.host.LogConfig.Type)
	got := merge(nil, s.host.LogConfig.Config)
	if driver == s.state.Engine.LoggingDriver {
		for _, name := range localLogOptions {
			if _, wanted := options[name]; !wanted {
				delete(got, name)
			}
		}
	}
	s.mapping("logging.options", options, got)
}

func deref[T any](p *T) T {
	var zero T
	if p == nil {
		return zero
	}
	return *p
}

func orUnset(p *int64) int64 {
	if p == nil {
		return -1
	}
	return *p
}
