package smoke

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/docker/compose/v5/pkg/api"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
	"github.com/opengpu-network/templates/pkg/engine"
	"github.com/opengpu-network/templates/pkg/enginetest"
)

// counting is an engine with one container, and a helper of this program's own. It
// says 500 bytes, and counts what it is asked.
type counting struct {
	client.APIClient
	id string

	mu                    sync.Mutex
	pid                   int
	lists, inspects, asks int
}

func (e *counting) ContainerList(context.Context, client.ContainerListOptions) (client.ContainerListResult, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.lists++
	return client.ContainerListResult{Items: []container.Summary{
		{ID: e.id, Labels: map[string]string{api.ServiceLabel: "echo"}}, {ID: "helper"},
	}}, nil
}

func (e *counting) ContainerInspect(_ context.Context, id string, _ client.ContainerInspectOptions) (result client.ContainerInspectResult, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.inspects++
	if id != e.id {
		return result, errors.New("not of the stack")
	}
	result.Container.State = &container.State{Pid: e.pid}
	return result, nil
}

func (e *counting) ContainerStats(context.Context, string, client.ContainerStatsOptions) (client.ContainerStatsResult, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.asks++
	return client.ContainerStatsResult{Body: io.NopCloser(strings.NewReader(`{"memory_stats":{"usage":700,"stats":{"inactive_file":200}}}`))}, nil
}

func (e *counting) restarted(pid int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.pid = pid
}

// TestMemoryMeter lets a few seconds pass: what is short is seen when control
// groups can be read, and the engine is asked for as little as possible.
func TestMemoryMeter(t *testing.T) {
	id := strings.Repeat("a", 64)
	// takes makes the process pid the container's, which takes so many bytes.
	takes := func(t *testing.T, root string, pid, bytes int) {
		t.Helper()
		for name, text := range map[string]string{
			fmt.Sprintf("proc/%d/cgroup", pid):               "0::/docker/" + id + "\n",
			"sys/fs/cgroup/docker/" + id + "/memory.current": fmt.Sprintln(bytes),
			"sys/fs/cgroup/docker/" + id + "/memory.stat":    "inactive_file 0\n",
		} {
			file := filepath.Join(root, name)
			if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o600)); err != nil {
				t.Fatal(err)
			}
		}
	}
	stops := func(t *testing.T, root string, pid int) {
		t.Helper()
		if err := errors.Join(os.RemoveAll(filepath.Join(root, fmt.Sprintf("proc/%d", pid))), os.RemoveAll(filepath.Join(root, "sys"))); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		remote                bool
		during                func(t *testing.T, e *counting, root string)
		peak                  int64
		lists, inspects, asks int
	}{
		"read": {
			during: func(t *testing.T, _ *counting, root string) {
				time.Sleep(3100 * time.Millisecond) // looks at 0.25, 0.5, 0.75 and so on
			},
			peak: 100, lists: 3, inspects: 3,
		},
		"short": {
			during: func(t *testing.T, _ *counting, root string) {
				time.Sleep(400 * time.Millisecond)
				takes(t, root, 7, 900)
				time.Sleep(200 * time.Millisecond)
				takes(t, root, 7, 100)
				time.Sleep(500 * time.Millisecond)
			},
			peak: 900, lists: 1, inspects: 1,
		},
		"started again": {
			during: func(t *testing.T, e *counting, root string) {
				time.Sleep(300 * time.Millisecond)
				e.restarted(8)
				stops(t, root, 7)
				takes(t, root, 8, 200)
				time.Sleep(800 * time.Millisecond)
			},
			peak: 200, lists: 1, inspects: 1, // it is where it was
		},
		"started again elsewhere": {
			during: func(t *testing.T, e *counting, root string) {
				time.Sleep(300 * time.Millisecond)
				e.restarted(8)
				stops(t, root, 7)
				takes(t, root, 8, 200)
				old, moved := filepath.Join(root, "sys/fs/cgroup/docker"), filepath.Join(root, "sys/fs/cgroup/other")
				line := []byte("0::/other/" + id + "\n")
				if err := errors.Join(os.Rename(old, moved), os.WriteFile(filepath.Join(root, "proc/8/cgroup"), line, 0o600)); err != nil {
					t.Fatal(err)
				}
				time.Sleep(800 * time.Millisecond)
			},
			peak: 200, lists: 2, inspects: 2,
		},
		"away for a while": {
			during: func(t *testing.T, _ *counting, root string) {
				time.Sleep(300 * time.Millisecond)
				stops(t, root, 7)
				time.Sleep(1300 * time.Millisecond) // asked at 0.5 and 1.5
				takes(t, root, 7, 900)
				time.Sleep(1200 * time.Millisecond) // read from 2.5 on
			},
			peak: 900, lists: 4, inspects: 4, asks: 2,
		},
		"never there": {
			during: func(t *testing.T, _ *counting, root string) {
				stops(t, root, 7)
				time.Sleep(3100 * time.Millisecond) // tried at 0.25, then asked once in a second
			},
			peak: 500, lists: 3, inspects: 3, asks: 3,
		},
		"engine elsewhere": {
			remote: true,
			during: func(t *testing.T, _ *counting, root string) {
				time.Sleep(3100 * time.Millisecond)
			},
			peak: 500, lists: 3, asks: 3,
		},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			takes(t, root, 7, 100)
			synctest.Test(t, func(t *testing.T) {
				e := &counting{id: id, pid: 7}
				meter := &memoryMeter{api: e, project: "ogpu-smoke-test"}
				if !c.remote {
					meter.host = os.DirFS(root)
				}
				ctx, stop := context.WithCancel(t.Context())
				go meter.run(ctx)
				c.during(t, e, root)
				stop()
				synctest.Wait()
				if meter.peak() != c.peak || e.lists != c.lists || e.inspects != c.inspects || e.asks != c.asks {
					t.Errorf("peak %d after %d lists, %d inspections, %d questions; want %d, %d, %d, %d",
						meter.peak(), e.lists, e.inspects, e.asks, c.peak, c.lists, c.inspects, c.asks)
				}
			})
		})
	}
}

// TestMemoryOfAContainer holds what is read of a real container's control group
// against what the engine says, at first and after it was started again.
func TestMemoryOfAContainer(t *testing.T) {
	const image, project, MiB = "opengpunetwork/hoard-for-tests:1", "ogpu-memory-test", 1 << 20
	r := runner(t)
	cli := r.Engine.API
	enginetest.ImportBinary(t, enginetest.Client(t, enginetest.Local(t)), image, buildEcho(t))
	made, err := cli.ContainerCreate(t.Context(), client.ContainerCreateOptions{Config: &container.Config{
		Image: image, Env: []string{"BEHAVIOR=hoard"}, // it takes 200 MiB, and keeps them
		Labels: map[string]string{api.ProjectLabel: project, api.ServiceLabel: "hoard"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := cli.ContainerRemove(context.WithoutCancel(t.Context()), made.ID, client.ContainerRemoveOptions{Force: true}); err != nil {
			t.Error(err)
		}
	})
	lease := &engine.Lease{Project: project}
	here := &run{Runner: r, lease: lease}
	elsewhere := &run{Runner: &Runner{Engine: &engine.Engine{API: cli}}, lease: lease}
	for _, when := range []string{"started", "started again"} {
		none := 0
		if _, err := cli.ContainerRestart(t.Context(), made.ID, client.ContainerRestartOptions{Timeout: &none}); err != nil {
			t.Fatal(err)
		}
		read := &memoryMeter{}
		for deadline := time.Now().Add(20 * time.Second); read.peak() < 200*MiB; time.Sleep(50 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%s: it takes %d bytes only", when, read.peak())
			}
			read = here.meterMemory()
			if groups, readable := read.look(t.Context()); !readable || len(groups) != 1 {
				t.Fatalf("%s: %v, %t", when, groups, readable)
			}
		}
		asked := elsewhere.meterMemory()
		if _, readable := asked.look(t.Context()); readable {
			t.Errorf("%s: files of another host were read", when)
		}
		if difference := read.peak() - asked.peak(); max(difference, -difference) > 4*MiB || read.peak() > 220*MiB {
			t.Errorf("%s: read %d, asked %d", when, read.peak(), asked.peak())
		}
	}
}
