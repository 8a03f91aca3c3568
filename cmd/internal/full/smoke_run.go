package full

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/opengpu-network/templates/cmd/internal/app"
	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/engine"
	"github.com/opengpu-network/templates/pkg/finding"
	"github.com/opengpu-network/templates/pkg/record"
	"github.com/opengpu-network/templates/pkg/relay"
	"github.com/opengpu-network/templates/pkg/smoke"
	"github.com/urfave/cli/v2"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"
)

// sweepLimit is how long removing what earlier runs left behind may take.
const sweepLimit = 2 * time.Minute

// lintErrors are the errors among findings that keep a model from being run. What
// cannot be read comes first: the others may only follow from it.
func lintErrors(findings []finding.Finding) []string {
	var unread, rest []string
	for _, f := range findings {
		if f.Severity != finding.Error || f.Waived {
			continue
		}
		where := f.Position.File
		if f.Position.Line > 0 {
			where += fmt.Sprintf(":%d", f.Position.Line)
		}
		message := fmt.Sprintf("%s: %s: %s", where, f.Rule, f.Message)
		if strings.HasPrefix(f.Rule, "syntax/") {
			unread = append(unread, message)
		} else {
			rest = append(rest, message)
		}
	}
	return append(unread, rest...)
}

// smokeAll makes all runs and returns their records in the order of the jobs. The
// error is what kept all runs from beginning; it is in their records, too.
func smokeAll(c *cli.Context, world app.World, want want, jobs []job) ([]record.Record, error) {
	records := make([]record.Record, len(jobs))
	var runs []int
	for i, j := range jobs {
		switch {
		case j.skip != "":
			records[i] = skipped(world, j, j.skip)
		case len(j.errors) > 0 || j.Project == nil:
			records[i] = refused(world, j)
		default:
			runs = append(runs, i)
			tellLimits(world, j, c.Duration("timeout"))
		}
	}
	if len(runs) == 0 {
		return records, nil
	}
	err := smokeRuns(c, world, want, jobs, runs, records)
	for _, i := range runs {
		switch {
		case err == nil:
		case c.Context.Err() != nil:
			records[i] = skipped(world, jobs[i], "interrupted before it began")
		default:
			records[i] = failed(world, jobs[i], noStart(c.Context, err))
		}
	}
	return records, err
}

// noStart is the failure of runs that could not begin.
func noStart(ctx context.Context, err error) record.Failure {
	var unusable *engine.Error
	var unfit *relay.UnfitBinaryError
	if errors.As(err, &unusable) {
		return record.Failure{Kind: unusable.Kind, Message: unusable.Message, Remedy: unusable.Remedy}
	}
	f := unasked(ctx, err)
	if f.Kind == smoke.Harness {
		f.Message = err.Error()
	}
	if errors.As(err, &unfit) {
		f.Remedy = "`CGO_ENABLED=0 go install ./cmd/...` in a clone makes one that can, beside this program: with CGO it needs the libraries of the machine that it was built on."
	}
	return f
}

// tellLimits says before anything begins that a run may be cut short although all
// goes as its manifest allows.
func tellLimits(world app.World, j job, limit time.Duration) {
	ready := j.Template.Manifest.ReadyLimit()
	all := ready
	for _, c := range j.Template.Manifest.SmokeCases(j.Environment) {
		all += time.Duration(c.Timeout)
	}
	if all > limit {
		printf(world.Err, "ogpu-tpl: the manifest of %s gives its run (%s) %s, of which %s until it is ready, and --timeout only %s: give it more, or it may be cut short\n",
			app.Safe(j.Template.Name), j.Environment, catalog.Duration(all), catalog.Duration(ready), catalog.Duration(limit))
	}
}

// smokeRuns makes the runs with the given indexes, and puts their records into
// place. The error is that none could begin.
func smokeRuns(c *cli.Context, world app.World, want want, jobs []job, runs []int, records []record.Record) error {
	e, err := connect(c.Context)
	if err != nil {
		return err
	}
	defer e.Close()
	tidy, cancel := context.WithTimeout(c.Context, sweepLimit)
	left, err := e.SweepDead(tidy, locks(), time.Now())
	cancel()
	if len(left) > 0 {
		printf(world.Err, "ogpu-tpl: removed what an earlier run left behind: %s\n", strings.Join(left, ", "))
	}
	if err != nil {
		printf(world.Err, "ogpu-tpl: what an earlier run left behind cannot be removed: %s\n", app.Safe(err.Error()))
	}
	runner, err := newRunner(c, want, e)
	if err != nil {
		return err
	}
	if err := runner.LookAt(c.Context); err != nil {
		if unfit := (*relay.UnfitBinaryError)(nil); errors.As(err, &unfit) {
			return unfit // it says all there is to say
		}
		return fmt.Errorf("what hardware the engine's host has cannot be found out: %w", err)
	}
	progress := newProgress(world, c.Bool("verbose"))
	defer progress.Close()
	runner.Progress = progress.Show

	memory := semaphore.NewWeighted(e.Info.MemTotal)
	var gpu sync.Mutex
	var group errgroup.Group
	group.SetLimit(c.Int("parallel"))
	for _, i := range runs {
		group.Go(func() error {
			records[i] = smokeOne(c.Context, world, runner, want, jobs[i], memory, &gpu)
			return nil
		})
	}
	return group.Wait()
}

// smokeOne makes one run as soon as there is room for it: the memory that its
// manifest states, and the GPU for itself, so that what it takes can be seen.
func smokeOne(ctx context.Context, world app.World, runner *smoke.Runner, want want, j job, memory *semaphore.Weighted, gpu *sync.Mutex) record.Record {
	subject := smoke.Subject{Template: j.Template, Environment: j.Environment, Project: j.Project}
	needed := min(int64(1)<<30, runner.Engine.Info.MemTotal)
	if spec := j.Template.Manifest.Environments.Get(j.Environment); spec != nil && spec.Hardware.RAM > 0 {
		needed = min(int64(spec.Hardware.RAM), runner.Engine.Info.MemTotal)
	}
	if err := memory.Acquire(ctx, needed); err != nil {
		return skipped(world, j, "interrupted before it began")
	}
	defer memory.Release(needed)
	decision, err := runner.Decide(ctx, subject)
	switch {
	case err != nil:
		return failed(world, j, unasked(ctx, err))
	case decision.Hardware == record.Real:
		subject.Hardware = record.Real
	case want.must(j.Environment):
		return failed(world, j, record.Failure{Kind: smoke.Required, Message: decision.Reason, Remedy: cmp.Or(decision.Remedy, smoke.Remedy(smoke.Required))})
	case decision.Hardware == record.Claimed && want.pretend:
		subject.Hardware = record.Claimed
	case want.emulate:
		subject.Hardware = record.None
	default:
		return skipped(world, j, decision.Reason)
	}
	if j.Environment != catalog.CPU && subject.Hardware != record.None {
		gpu.Lock()
		defer gpu.Unlock()
	}
	return runner.Run(ctx, subject)
}

// unasked is the failure of a run whose hardware the engine does not tell, which is
// not the template's fault.
func unasked(ctx context.Context, err error) record.Failure {
	f := smoke.Unasked(ctx, err)
	if f.Kind == smoke.StartFailed {
		f.Kind, f.Remedy = smoke.Harness, smoke.Remedy(smoke.Harness)
	}
	return f
}

// newRecord is the record of a run that does not take place.
func newRecord(world app.World, j job, status record.Status) record.Record {
	r := smoke.NewRecord(smoke.Subject{Template: j.Template, Environment: j.Environment, Project: j.Project})
	if j.Environment == 0 {
		r.Environment = "" // the template has none
	}
	r.Status, r.Started = status, world.Now().UTC().Truncate(time.Millisecond)
	return r
}

func skipped(world app.World, j job, reason string) record.Record {
	r := newRecord(world, j, record.Skipped)
	r.Reason = reason
	return r
}

func failed(world app.World, j job, failures ...record.Failure) record.Record {
	r := newRecord(world, j, record.Failed)
	r.Failures = failures
	return r
}

// refused is the record of a template that lint does not let through.
func refused(world app.World, j job) record.Record {
	const most = 5
	r := failed(world, j)
	for i, message := range j.errors {
		if i == most {
			r.Notes = append(r.Notes, fmt.Sprintf("%d more errors of lint are not listed", len(j.errors)-most))
			break
		}
		r.Failures = append(r.Failures, record.Failure{Kind: smoke.Lint, Message: message, Remedy: smoke.Remedy(smoke.Lint)})
	}
	if len(j.errors) == 0 {
		r.Failures = []record.Failure{{Kind: smoke.Lint, Message: "nothing can be made of its compose file", Remedy: smoke.Remedy(smoke.Lint)}}
	}
	return r
}

func newRunner(c *cli.Context, want want, e *engine.Engine) (*smoke.Runner, error) {
	r := &smoke.Runner{
		Engine: e, Locks: locks(), Limit: c.Duration("timeout"), Keep: c.Bool("keep"), Pretend: c.Bool("pretend"), BuildNetwork: c.String("build-network"),
		Binary: c.String("relay-binary"), BuildArgs: want.buildArgs,
	}
	if r.Binary == "" && runtime.GOOS == "linux" {
		var err error
		// An engine on this machine needs none.
		if r.Binary, err = app.Beside("ogpu-tpl-relay"); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return r, nil
}
