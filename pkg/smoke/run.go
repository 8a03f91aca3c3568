package smoke

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/docker/compose/v5/pkg/api"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/image"
	"github.com/moby/moby/client"
	"github.com/opengpu-network/templates/pkg/compose"
	"github.com/opengpu-network/templates/pkg/engine"
	"github.com/opengpu-network/templates/pkg/hardware"
	"github.com/opengpu-network/templates/pkg/readback"
	"github.com/opengpu-network/templates/pkg/record"
	"github.com/opengpu-network/templates/pkg/relay"
	"golang.org/x/sync/errgroup"
)

// run is one template in one environment, from its lease to its end.
type run struct {
	*Runner
	Subject
	record record.Record

	lease      *engine.Lease
	references map[string]string // service to image as written
	imageIDs   map[string]string // service to image id
	buildLog   []string

	// cancel ends the run with a failure as its cause.
	cancel  context.CancelCauseFunc
	vantage vantage
	port    int
	project *types.Project
	// interrupted is true when requests may have been cut short.
	interrupted bool
	// unsettled is true when something may still be made after all was removed.
	unsettled bool
	player    *provider
}

// do goes through the run. Whatever happens, it leaves nothing behind.
func (r *run) do(ctx context.Context) {
	limited, stop := context.WithTimeoutCause(ctx, r.Limit, fail(TimeOut, "the run took longer than %s", r.Limit))
	defer stop()
	inner, cancel := context.WithCancelCause(limited)
	defer cancel(nil)
	r.cancel = cancel
	r.fail(inner, r.main(inner), "running the stack")
	if cause := context.Cause(inner); cause != nil {
		// What failed after the last look, such as a log that floods.
		r.fail(inner, cause, "running the stack")
	}
	r.interrupted = inner.Err() != nil
	r.end(context.WithoutCancel(ctx))
}

// main is the run without its end, which comes even after a panic.
func (r *run) main(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fail(Harness, "ogpu-tpl itself failed: %v\n%s", p, debug.Stack())
		}
	}()
	if err := r.begin(ctx); err != nil {
		return err
	}
	return r.play(ctx)
}

// fail notes a failure, once.
func (r *run) fail(ctx context.Context, err error, doing string) {
	if err == nil {
		return
	}
	var several interface{ Unwrap() []error }
	if errors.As(err, &several) {
		for _, one := range several.Unwrap() {
			r.fail(ctx, one, doing)
		}
		return
	}
	f := record.Failure(*asFailure(ctx, err, doing))
	said := func(known record.Failure) bool {
		// Whatever was going on, a run is given up once.
		return known == f || known.Kind == f.Kind && (f.Kind == TimeOut || f.Kind == Interrupted)
	}
	if !slices.ContainsFunc(r.record.Failures, said) {
		r.record.Failures = append(r.record.Failures, f)
	}
}

// begin gets all that the stack needs before it can start.
func (r *run) begin(ctx context.Context) (err error) {
	if r.Hardware == record.Real {
		r.record.Notes = append(r.record.Notes, r.needs().Unmet(r.Environment.String(), r.facts)...)
	}
	if r.references, err = imageReferences(r.Project.Canonical); err != nil {
		return fail(StartFailed, "%v", err)
	}
	// A run may have to be taken down after its time is over.
	if r.lease, err = r.Engine.NewLease(ctx, r.Locks, r.Limit+2*tidyLimit); err != nil {
		return leaseFailure(ctx, err)
	}
	both, inner := errgroup.WithContext(ctx)
	both.Go(func() error { return r.images(inner) })
	both.Go(func() (err error) {
		r.vantage, err = r.stand(ctx)
		return err
	})
	return both.Wait()
}

// leaseFailure tells a lock that this machine refuses from an engine that does
// not answer.
func leaseFailure(ctx context.Context, err error) error {
	var local *fs.PathError
	if errors.As(err, &local) {
		return fail(Harness, "the run cannot be locked: %v: set XDG_CACHE_HOME to a folder that can be written", err)
	}
	return asFailure(ctx, err, "taking a lease")
}

// stand finds the place from which the provider's part is played.
func (r *run) stand(ctx context.Context) (vantage, error) {
	if r.Engine.Gateway.IsValid() {
		return newLocal(r.Engine.Gateway)
	}
	r.say("starting the relay")
	beside, err := relay.Start(ctx, r.Engine.API, relay.Options{
		Binary: r.Binary, Labels: r.lease.Labels(), Name: r.lease.Project + "-relay", DeviceRules: hardware.ProbeDeviceRules(),
	})
	if err != nil {
		return nil, err
	}
	return beside, nil
}

// play starts the stack, sends it tasks and looks at it.
func (r *run) play(ctx context.Context) error {
	logs := &logMeter{api: r.Engine.API, fatal: func(f *failure) { r.cancel(f) }}
	memory := r.meterMemory()
	// Whatever follows the stack ends with it.
	following, stop := context.WithCancel(ctx)
	var background sync.WaitGroup
	defer logs.busy.Wait()
	defer background.Wait()
	defer stop()

	gpu, err := r.prepare(ctx, following)
	defer gpu.close()
	if err != nil {
		return err
	}
	ready, cancel := context.WithTimeout(ctx, r.Template.Manifest.ReadyLimit())
	defer cancel()
	started := time.Now()
	watcher, err := r.start(ready, following, logs)
	if err != nil {
		return err
	}
	defer func() { stop(); <-watcher.finished }()
	background.Go(func() { memory.run(following) })
	r.say("waiting until it is ready")
	if err := watcher.ready(ready); err != nil {
		return err
	}
	if err := r.player.serving(ready); err != nil {
		return err
	}
	r.record.Times.Ready = seconds(time.Since(started))
	r.say("ready after %s", time.Since(started).Round(100*time.Millisecond))

	calm := watcher.deaths()
	if err := r.unchanged(ctx, watcher, calm); err != nil {
		return err
	}
	r.record.Compared = false // what a task changes must be seen, too
	for _, c := range r.Template.Manifest.SmokeCases(r.Environment) {
		err = errors.Join(err, r.try(ctx, c))
		if ctx.Err() != nil {
			break
		}
	}
	memory.look(ctx)
	r.player.settle(ctx)
	err = errors.Join(err, r.unchanged(ctx, watcher, calm))
	r.record.Peak.Memory = memory.peak()
	if r.record.Peak.Memory == 0 {
		r.record.Notes = append(r.record.Notes, "the engine does not tell how much memory its containers take")
	}
	return errors.Join(err, r.fits(), r.fitsDisk(ctx), gpu.judge(ctx, r))
}

// prepare reads the model as it will be started, and begins to look at the GPU.
func (r *run) prepare(ctx, following context.Context) (*gpuMeter, error) {
	if _, _, err := r.model(ctx); err != nil {
		return nil, err
	}
	return r.meterGPU(following)
}

// model takes a port, and reads the model with it and the provider's other
// variables.
func (r *run) model(ctx context.Context) (text []byte, variables map[string]string, err error) {
	r.ports.give(r.port)
	r.port = r.ports.take(r.Engine.Gateway.IsValid())
	variables = map[string]string{
		"PORT": fmt.Sprint(r.port), "CALLBACK_URL": r.vantage.CallbackURL(), "PROTOCOL_VERSION": "1",
		"SOURCE_ADDRESS": newAddress(), "PROVIDER_ADDRESS": newAddress(),
	}
	if text, err = document(r.Project.Canonical, r.imageIDs, r.Hardware == record.None); err == nil {
		r.project, err = compose.Typed(ctx, text, r.lease.Project, variables)
	}
	if err != nil {
		return nil, nil, fail(Harness, "%v", err)
	}
	return text, variables, nil
}

// start brings the stack up, on another port when the first has been taken
// meanwhile.
func (r *run) start(ctx, following context.Context, logs *logMeter) (*watcher, error) {
	const tries = 5
	// What is swept when the start is given up leaves no logs behind: look first.
	sweep := func(ctx context.Context) error {
		r.look(ctx)
		return r.Engine.SweepStack(ctx, r.lease.Project)
	}
	if r.Keep {
		sweep = nil
	}
	for try := 1; ; try++ {
		text, variables, err := r.model(ctx)
		if err != nil {
			return nil, err
		}
		r.say("starting")
		watching, stop := context.WithCancel(following)
		w := (&watcher{
			api: r.Engine.API, project: r.project,
			fatal:   func(f *failure) { r.cancel(f) },
			started: func(id string) { logs.follow(following, id) },
			healthy: func(service string) { r.say("%s is healthy", service) },
		}).watch(watching)
		err = up(ctx, r.lease.Project, text, variables, sweep)
		if err == nil {
			r.player = newProvider(r.vantage, r.port, r.reading())
			context.AfterFunc(following, stop)
			return w, nil
		}
		r.unsettled = errors.Is(err, errStillStarting)
		if !portTaken(err) || try == tries {
			err = r.startFailure(ctx, err)
			stop()
			<-w.finished
			return nil, err
		}
		stop()
		<-w.finished
		if err := r.Engine.SweepStack(ctx, r.lease.Project); err != nil {
			return nil, err
		}
	}
}

// startFailure prefers what the watcher saw to what compose says of it.
func (r *run) startFailure(ctx context.Context, err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return fail(NotReady, "the stack was not up within %s", r.Template.Manifest.ReadyLimit())
	}
	if strings.Contains(err.Error(), "dependency failed to start") {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(2 * time.Second):
		}
	}
	return err
}

// unchanged makes sure that what runs is what was linted. Reading it back takes
// a moment, in which a container that ends with its last result does so. A stack
// that is not whole any more is not compared.
func (r *run) unchanged(ctx context.Context, watcher *watcher, calm int) error {
	differs := r.compare(ctx)
	if gone := watcher.stillThere(ctx, calm); gone != nil {
		r.record.Compared = false
		return gone
	}
	return differs
}

// compare holds the real containers against the model.
func (r *run) compare(ctx context.Context) error {
	defaults, err := r.defaults(ctx)
	if err != nil {
		return asFailure(ctx, err, "reading the containers back")
	}
	state, err := readback.Read(ctx, r.Engine.API, defaults, r.lease.Project)
	if err != nil {
		return asFailure(ctx, err, "reading the containers back")
	}
	// The relay and the probes stand beside the stack.
	for _, c := range state.Containers {
		if c.Config != nil && engine.IsHelper(c.Config.Labels) {
			state.Helpers = append(state.Helpers, c.ID)
		}
	}
	state.Expected = r.imageIDs
	var all []error
	for _, d := range readback.Compare(r.project, state) {
		what := strings.TrimPrefix(d.Service+": "+d.Field, ": ")
		all = append(all, fail(Differs, "%s is %s, not %s", what, shorten(d.Got), shorten(d.Want)).of(d.Service))
	}
	r.record.Compared = true
	return errors.Join(all...)
}

// fits holds what was measured against what the manifest states.
func (r *run) fits() error {
	stated := r.needs().RAM
	r.record.Peak.MemoryStated, r.record.Peak.VRAMStated = stated, r.needs().VRAM
	if stated > 0 && r.record.Peak.Memory > stated {
		return fail(MemoryOver, "the stack took %d MiB of memory; the manifest states %d MiB", r.record.Peak.Memory>>20, stated>>20)
	}
	return nil
}

// end looks at what is left, and removes it.
func (r *run) end(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, tidyLimit)
	defer cancel()
	if r.lease != nil {
		if len(r.record.Failures) > 0 {
			r.look(ctx)
			r.fail(ctx, diskFull(r.record.Services), "")
			if len(r.buildLog) > 0 {
				r.record.Services = append(r.record.Services, record.Service{Name: "image build", State: "failed", Log: r.buildLog})
			}
		}
		r.tidy(ctx)
	}
	r.notReached()
	if r.player != nil {
		// Until here a callback too many could still come.
		for _, f := range r.player.receiver.unasked() {
			r.fail(ctx, f, "")
		}
		r.player.close()
	}
	if r.vantage != nil {
		_ = r.vantage.Close()
	}
	r.ports.give(r.port)
}

// look notes how the containers are, with the last lines of their logs, once.
// When the engine is gone, there is nothing to tell.
func (r *run) look(ctx context.Context) {
	if len(r.record.Services) == 0 {
		r.record.Services, _ = aftermath(ctx, r.Engine.API, r.lease.Project)
	}
}

// notReached notes the cases that were never sent.
func (r *run) notReached() {
	for _, c := range r.Template.Manifest.SmokeCases(r.Environment)[len(r.record.Cases):] {
		r.record.Cases = append(r.record.Cases, record.Case{Name: c.Name, Function: c.Function, Status: record.Skipped})
	}
}

// standing is true when there is a container of the stack, in whatever state.
func (r *run) standing(ctx context.Context) bool {
	filters := make(client.Filters).Add("label", api.ProjectLabel+"="+r.lease.Project)
	list, err := r.Engine.API.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: filters})
	return err == nil && slices.ContainsFunc(list.Items, func(c container.Summary) bool { return !engine.IsHelper(c.Labels) })
}

// tidy removes the stack, or gives it away.
func (r *run) tidy(ctx context.Context) {
	if r.Keep && r.standing(ctx) {
		r.record.Kept = &record.Kept{
			Project: r.lease.Project, URL: fmt.Sprintf("http://%s:%d", r.Engine.Address(), r.port),
			Remove: "docker compose -p " + r.lease.Project + " down --volumes",
		}
		r.fail(ctx, r.lease.GiveUp(ctx), "giving the stack away")
		return
	}
	r.say("removing it")
	release := r.lease.Release
	if r.interrupted {
		release = r.lease.ReleaseLater
	}
	if r.unsettled {
		release = r.lease.Abandon
	}
	if err := release(ctx); err != nil {
		if isLost(err) && len(r.record.Failures) > 0 {
			return // it has been said; the next run removes the rest
		}
		r.fail(ctx, fail(LeftOver, "something is left of %s: %v", r.lease.Project, err), "")
	}
}

// diskFull looks for the reason that programs only write into their logs.
func diskFull(services []record.Service) error {
	for _, s := range services {
		if slices.ContainsFunc(s.Log, func(line string) bool { return strings.Contains(strings.ToLower(line), "no space left on device") }) {
			return fail(DiskFull, "%s logs that no space is left on its disk", s.Name).of(s.Name)
		}
	}
	return nil
}

// timed adds the time that something takes to a field of the record.
func (r *run) timed(field *float64, what func() (image.InspectResponse, error)) (image.InspectResponse, error) {
	started := time.Now()
	defer func() { *field = seconds(time.Since(started)) + *field }()
	return what()
}
