package smoke

import (
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"

	"github.com/docker/compose/v5/pkg/api"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// How often memory is looked at. Engines of version 20.10 count for all their
// containers together, once in a second, and whoever asks waits for that.
const (
	askEvery  = time.Second
	readEvery = 250 * time.Millisecond
)

// memoryMeter looks at a stack's memory now and then, and keeps the most that
// all its containers together took at one time. What is shorter than the time
// between two looks may not be seen.
type memoryMeter struct {
	api     client.APIClient
	project string
	// host holds the files of the engine's host when that is this one: then the
	// kernel's are read, and the engine is asked only when that fails.
	host fs.FS

	mu   sync.Mutex
	most int64
}

func (r *run) meterMemory() *memoryMeter {
	m := &memoryMeter{api: r.Engine.API, project: r.lease.Project}
	if r.Engine.Gateway.IsValid() {
		m.host = os.DirFS("/")
	}
	return m
}

func (m *memoryMeter) run(ctx context.Context) {
	var groups []cgroup
	readable := m.host != nil
	for fresh := 0; ; fresh-- {
		pause := askEvery
		if readable {
			pause = readEvery
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		// The containers are listed once in a second. One that is gone cannot be read;
		// it may have been started again elsewhere, and they are listed at once.
		if fresh > 0 && readable && m.read(groups) {
			continue
		}
		groups, readable = m.look(ctx)
		fresh = int(askEvery / readEvery)
	}
}

// look looks at all containers of the stack that run. It returns their control
// groups, and whether all could be read there.
func (m *memoryMeter) look(ctx context.Context) (groups []cgroup, readable bool) {
	list, err := m.api.ContainerList(ctx, client.ContainerListOptions{Filters: make(client.Filters).Add("label", api.ProjectLabel+"="+m.project)})
	if err != nil {
		return nil, false
	}
	var sum int64
	var mu sync.Mutex
	var all sync.WaitGroup
	readable = m.host != nil
	for _, c := range list.Items {
		if c.Labels[api.ServiceLabel] == "" {
			continue
		}
		all.Go(func() {
			group, used, err := m.find(ctx, c.ID)
			if err != nil {
				used = memoryUsed(ctx, m.api, c.ID)
			}
			mu.Lock()
			defer mu.Unlock()
			sum += used
			groups = append(groups, group)
			readable = readable && err == nil
		})
	}
	all.Wait()
	m.note(sum)
	return groups, readable
}

// find finds a container's control group, and reads its memory there.
func (m *memoryMeter) find(ctx context.Context, id string) (group cgroup, used int64, err error) {
	if m.host == nil {
		return group, 0, fs.ErrNotExist
	}
	inspected, err := m.api.ContainerInspect(ctx, id, client.ContainerInspectOptions{})
	if err != nil {
		return group, 0, err
	}
	if inspected.Container.State == nil {
		return group, 0, fs.ErrNotExist
	}
	if group, err = findCgroup(m.host, id, inspected.Container.State.Pid); err == nil {
		used, err = group.memory(m.host)
	}
	return group, used, err
}

// read looks at control groups that were found before, unless one of them is
// gone.
func (m *memoryMeter) read(groups []cgroup) bool {
	var sum int64
	for _, group := range groups {
		used, err := group.memory(m.host)
		if err != nil {
			return false
		}
		sum += used
	}
	m.note(sum)
	return true
}

func (m *memoryMeter) note(sum int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.most = max(m.most, sum)
}

func (m *memoryMeter) peak() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.most
}

// memoryUsed is a container's memory in bytes without the file cache that the
// kernel would give up, as `docker stats` counts it and the engine tells it. It is
// 0 when unknown.
func memoryUsed(ctx context.Context, cli client.APIClient, id string) int64 {
	result, err := cli.ContainerStats(ctx, id, client.ContainerStatsOptions{})
	if err != nil {
		return 0
	}
	defer result.Body.Close()
	var stats container.StatsResponse
	if err := json.NewDecoder(io.LimitReader(result.Body, 1<<20)).Decode(&stats); err != nil {
		return 0
	}
	memory := stats.MemoryStats
	cache, ok := memory.Stats["total_inactive_file"] // cgroup v1
	if !ok {
		cache = memory.Stats["inactive_file"]
	}
	return withoutCache(memory.Usage, cache)
}

// withoutCache leaves the cache out, unless it was counted at another time than
// the rest and is larger.
func withoutCache(usage, cache uint64) int64 {
	if cache > usage {
		cache = 0
	}
	return int64(usage - cache)
}
