package smoke

import (
	"context"
	"encoding/json"
	"io"
	"sync"
	"time"

	"github.com/docker/compose/v5/pkg/api"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// memoryMeter looks at a stack's memory once in a second, and keeps the most
// that all its containers together took at one time. What is shorter than that
// is not seen.
type memoryMeter struct {
	api     client.APIClient
	project string

	mu   sync.Mutex
	most int64
}

func (m *memoryMeter) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Second):
			m.look(ctx)
		}
	}
}

func (m *memoryMeter) look(ctx context.Context) {
	list, err := m.api.ContainerList(ctx, client.ContainerListOptions{Filters: make(client.Filters).Add("label", api.ProjectLabel+"="+m.project)})
	if err != nil {
		return
	}
	var sum int64
	var mu sync.Mutex
	var all sync.WaitGroup
	for _, c := range list.Items {
		if c.Labels[api.ServiceLabel] == "" {
			continue
		}
		all.Go(func() {
			used := memoryUsed(ctx, m.api, c.ID)
			mu.Lock()
			defer mu.Unlock()
			sum += used
		})
	}
	all.Wait()
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
// kernel would give up, as `docker stats` counts it. It is 0 when unknown.
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
	if cache > memory.Usage {
		cache = 0
	}
	return int64(memory.Usage - cache)
}
