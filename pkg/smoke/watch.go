package smoke

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/docker/compose/v5/pkg/api"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/events"
	"github.com/moby/moby/client"
)

// maxDeaths is how often a container may end and be started again.
const maxDeaths = 3

// watcher follows the containers of a stack from before its start to its end,
// and ends the run when one of them fails.
type watcher struct {
	api     client.APIClient
	project *types.Project
	// fatal is called with the first failure, and maybe with more.
	fatal func(*failure)
	// started is called with the id of a container each time it starts, healthy
	// with the name of a service when its check succeeds for the first time.
	started, healthy func(name string)

	// asking are questions about containers that were killed.
	asking sync.WaitGroup

	mu       sync.Mutex
	seen     map[string]*seen
	changed  chan struct{}
	finished chan struct{}
}

// seen is what is known of one container.
type seen struct {
	service string
	state   container.State
	deaths  int
}

// watch begins to follow the project's containers, until the context ends.
func (w *watcher) watch(ctx context.Context) *watcher {
	w.seen, w.changed, w.finished = map[string]*seen{}, make(chan struct{}), make(chan struct{})
	filters := make(client.Filters).Add("label", api.ProjectLabel+"="+w.project.Name).Add("type", "container").
		Add("event", "start", "die", "oom", "health_status")
	go w.follow(ctx, w.api.Events(ctx, client.EventsListOptions{Filters: filters}))
	return w
}

func (w *watcher) follow(ctx context.Context, stream client.EventsResult) {
	defer close(w.finished)
	defer w.asking.Wait()
	for {
		select {
		case event := <-stream.Messages:
			w.see(ctx, event)
		case err := <-stream.Err:
			if ctx.Err() == nil {
				w.fatal(fail(EngineLost, "the engine went away while the stack was up: %v", err))
			}
			return
		case <-ctx.Done():
			return
		}
	}
}

func (w *watcher) see(ctx context.Context, event events.Message) {
	service := event.Actor.Attributes[api.ServiceLabel]
	if service == "" {
		return // a helper of this program's own
	}
	inspected, err := w.api.ContainerInspect(ctx, event.Actor.ID, client.ContainerInspectOptions{})
	if err != nil || inspected.Container.State == nil {
		return // gone already, or the engine is: the stream tells
	}
	state := *inspected.Container.State
	w.mu.Lock()
	known := w.seen[event.Actor.ID]
	if known == nil {
		known = &seen{service: service}
		w.seen[event.Actor.ID] = known
	}
	wasHealthy := isHealthy(known.state)
	known.state = state
	if event.Action == events.ActionDie {
		known.deaths++
	}
	deaths := known.deaths
	close(w.changed)
	w.changed = make(chan struct{})
	w.mu.Unlock()

	switch {
	case event.Action == events.ActionStart:
		w.started(event.Actor.ID)
	case isHealthy(state) && !wasHealthy:
		w.healthy(service)
	case event.Action == events.ActionOOM || event.Action == events.ActionDie && state.OOMKilled:
		w.fatal(outOfMemory(service, inspected.Container))
	case event.Action == events.ActionDie && state.ExitCode == killed:
		w.asking.Go(func() {
			if w.lackedMemory(ctx, event.Actor.ID) {
				w.fatal(outOfMemory(service, inspected.Container))
			} else if ctx.Err() == nil {
				w.died(service, event.Actor.Attributes["exitCode"], deaths, restarts(inspected.Container))
			}
		})
	case event.Action == events.ActionDie:
		w.died(service, event.Actor.Attributes["exitCode"], deaths, restarts(inspected.Container))
	case strings.HasPrefix(string(event.Action), "health_status") && state.Health != nil && state.Health.Status == container.Unhealthy:
		w.fatal(fail(Unhealthy, "%s is unhealthy%s", service, lastProbe(state.Health)).of(service))
	}
}

// killed is the status of what was ended by SIGKILL, as the kernel does when memory
// lacks.
const killed = 128 + 9

func outOfMemory(service string, c container.InspectResponse) *failure {
	limit := ""
	if c.HostConfig != nil && c.HostConfig.Memory > 0 {
		limit = fmt.Sprintf(" (its limit is %d MiB)", c.HostConfig.Memory>>20)
	}
	return fail(OutOfMemory, "%s ran out of memory%s", service, limit).of(service)
}

// lackedMemory is true when a container was killed because memory lacked. The engine
// comes to know that on another way than of the end, and maybe later.
func (w *watcher) lackedMemory(ctx context.Context, id string) bool {
	over := time.After(2 * time.Second)
	for {
		inspected, err := w.api.ContainerInspect(ctx, id, client.ContainerInspectOptions{})
		if err != nil || inspected.Container.State == nil {
			return false
		}
		if inspected.Container.State.OOMKilled {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-over:
			return false
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (w *watcher) died(service, code string, deaths int, restarts bool) {
	switch {
	case code == "0" && w.completes(service):
	case !restarts:
		w.fatal(fail(Exited, "%s exited with status %s", service, code).of(service))
	case deaths >= maxDeaths:
		w.fatal(fail(Restarting, "%s ended %d times, last with status %s, and is started again each time", service, deaths, code).of(service))
	}
}

func isHealthy(s container.State) bool {
	return s.Health != nil && s.Health.Status == container.Healthy
}

func restarts(c container.InspectResponse) bool {
	if c.HostConfig == nil {
		return false
	}
	policy := c.HostConfig.RestartPolicy
	return policy.Name != "" && policy.Name != container.RestartPolicyDisabled &&
		!(policy.Name == container.RestartPolicyOnFailure && c.State.ExitCode == 0)
}

// completes is true for a service that others wait for to end.
func (w *watcher) completes(service string) bool {
	for _, other := range w.project.Services {
		if other.DependsOn[service].Condition == types.ServiceConditionCompletedSuccessfully {
			return true
		}
	}
	return false
}

func lastProbe(health *container.Health) string {
	if len(health.Log) == 0 {
		return ""
	}
	last := health.Log[len(health.Log)-1]
	return fmt.Sprintf(": its check ended with %d after %d tries (%s)", last.ExitCode, health.FailingStreak, shorten(last.Output))
}

// ready waits until every service runs and is healthy, where it has a check, or
// has ended as it should. The error names those that are not.
func (w *watcher) ready(ctx context.Context) error {
	for {
		w.mu.Lock()
		waiting, changed := w.waiting(), w.changed
		w.mu.Unlock()
		if len(waiting) == 0 {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			if context.Cause(ctx) == context.DeadlineExceeded {
				return fail(NotReady, "not ready in time: %s", strings.Join(waiting, ", "))
			}
			return context.Cause(ctx)
		}
	}
}

// deaths is how often containers have ended so far, those left out that are
// meant to.
func (w *watcher) deaths() (sum int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, known := range w.seen {
		if !w.completes(known.service) {
			sum += known.deaths
		}
	}
	return sum
}

// stillThere looks whether all containers are still as they were when the stack
// was ready: one that ended after its last result has failed, too. The events
// may say the same in the same words.
func (w *watcher) stillThere(ctx context.Context, before int) error {
	w.mu.Lock()
	seen := maps.Clone(w.seen)
	w.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(seen)) {
		inspected, err := w.api.ContainerInspect(ctx, id, client.ContainerInspectOptions{})
		if err != nil {
			return err
		}
		service, c := seen[id].service, inspected.Container
		switch {
		case c.State == nil || w.completes(service):
		case c.State.OOMKilled, !c.State.Running && c.State.ExitCode == killed && w.lackedMemory(ctx, id):
			return outOfMemory(service, c)
		case !c.State.Running:
			return fail(Exited, "%s exited with status %d", service, c.State.ExitCode).of(service)
		case c.State.Restarting:
			return fail(Restarting, "%s ended after it was ready, and is started again", service).of(service)
		}
	}
	if now := w.deaths(); now > before {
		return fail(Restarting, "containers ended %d times after the stack was ready, and were started again", now-before)
	}
	return nil
}

// waiting lists the services that are not ready yet.
func (w *watcher) waiting() (names []string) {
	for _, service := range w.project.ServiceNames() {
		state, there := "", 0
		for _, known := range w.seen {
			if known.service != service {
				continue
			}
			there++
			switch s := known.state; {
			case s.Running && !s.Restarting && (s.Health == nil || s.Health.Status == container.NoHealthcheck || s.Health.Status == container.Healthy):
			case !s.Running && s.ExitCode == 0 && s.Status == container.StateExited && w.completes(service):
			case s.Health != nil:
				state = "is " + string(s.Health.Status)
			default:
				state = "is " + string(s.Status)
			}
		}
		config := w.project.Services[service]
		switch wanted := config.GetScale(); {
		case state != "":
		case there == 0 && wanted > 0:
			state = "is not started"
		case there < wanted:
			state = fmt.Sprintf("has %d of %d containers", there, wanted)
		}
		if state != "" {
			names = append(names, service+" "+state)
		}
	}
	return names
}
