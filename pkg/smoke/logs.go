package smoke

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"

	"github.com/docker/compose/v5/pkg/api"
	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
	"github.com/opengpu-network/templates/pkg/record"
)

const (
	// maxLog is how much a stack may log in one run, in bytes. A provider keeps
	// logs on disk, and few set a limit.
	maxLog = 64 << 20
	// logLines is how many lines of each service's log a report shows.
	logLines = 20
)

// logMeter counts what the services of a stack log.
type logMeter struct {
	api   client.APIClient
	fatal func(*failure)

	mu    sync.Mutex
	total int64
	busy  sync.WaitGroup
}

// follow counts what a container logs from now on, until it ends.
func (m *logMeter) follow(ctx context.Context, id string) {
	m.busy.Go(func() {
		logs, err := m.api.ContainerLogs(ctx, id, client.ContainerLogsOptions{ShowStdout: true, ShowStderr: true, Follow: true, Tail: "0"})
		if err != nil {
			return // its logging driver keeps nothing that could be read
		}
		defer logs.Close()
		_, _ = io.Copy(m, logs)
	})
}

// Write counts.
func (m *logMeter) Write(p []byte) (int, error) {
	m.mu.Lock()
	before := m.total
	m.total += int64(len(p))
	over := before <= maxLog && m.total > maxLog
	m.mu.Unlock()
	if over {
		m.fatal(fail(LogFlood, "the stack has logged more than %d MiB", maxLog>>20))
	}
	return len(p), nil
}

// aftermath says how the containers of a stack ended up, with the last lines
// of their logs.
func aftermath(ctx context.Context, cli client.APIClient, project string) (services []record.Service, err error) {
	list, err := cli.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: make(client.Filters).Add("label", api.ProjectLabel+"="+project)})
	if err != nil {
		return nil, err
	}
	for _, c := range list.Items {
		name := c.Labels[api.ServiceLabel]
		if name == "" {
			continue
		}
		service := record.Service{Name: name, State: c.Status}
		if inspected, err := cli.ContainerInspect(ctx, c.ID, client.ContainerInspectOptions{}); err == nil {
			service.State = describe(inspected.Container)
			service.Log = lastLines(ctx, cli, c.ID, inspected.Container.Config != nil && inspected.Container.Config.Tty)
		}
		services = append(services, service)
	}
	return services, nil
}

func describe(c container.InspectResponse) string {
	if c.State == nil {
		return "unknown"
	}
	words := []string{string(c.State.Status)}
	if !c.State.Running {
		words[0] += fmt.Sprintf(" (%d)", c.State.ExitCode)
	}
	if c.State.Health != nil && c.State.Health.Status != container.NoHealthcheck {
		words = append(words, string(c.State.Health.Status))
	}
	if c.State.OOMKilled {
		words = append(words, "out of memory")
	}
	if c.RestartCount > 0 {
		words = append(words, fmt.Sprintf("restarted %d times", c.RestartCount))
	}
	if c.State.Error != "" {
		words = append(words, shorten(c.State.Error))
	}
	return strings.Join(words, ", ")
}

func lastLines(ctx context.Context, cli client.APIClient, id string, terminal bool) []string {
	logs, err := cli.ContainerLogs(ctx, id, client.ContainerLogsOptions{ShowStdout: true, ShowStderr: true, Tail: strconv.Itoa(logLines)})
	if err != nil {
		return []string{"(the log cannot be read: " + shorten(err.Error()) + ")"}
	}
	defer logs.Close()
	var end tail
	// A line may be of any length: what is read is bounded.
	limited := io.LimitReader(logs, 8<<20)
	if terminal {
		_, _ = io.Copy(&end, limited)
	} else {
		_, _ = stdcopy.StdCopy(&end, &end, limited)
	}
	return end.lines(logLines)
}
