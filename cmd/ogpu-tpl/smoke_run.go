package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/engine"
	"github.com/opengpu-network/templates/pkg/finding"
	"github.com/opengpu-network/templates/pkg/lint"
	"github.com/opengpu-network/templates/pkg/record"
	"github.com/opengpu-network/templates/pkg/smoke"
	"github.com/urfave/cli/v2"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"
)

// sweepLimit is how long removing what earlier runs left behind may take.
const sweepLimit = 2 * time.Minute

// lintErrors are the errors that keep a model from being run: those about it,
// and those about its template.
func lintErrors(findings []finding.Finding, linted lint.Linted) (messages []string) {
	for _, f := range findings {
		about := f.Template == linted.Template.Name && (f.Environment == "" || f.Environment == linted.Environment.String())
		if about && f.Severity == finding.Error && !f.Waived {
			messages = append(messages, fmt.Sprintf("%s:%d: %s: %s", f.Position.File, f.Position.Line, f.Rule, f.Message))
		}
	}
	return messages
}

// smokeAll makes all runs and returns their records in the order of the jobs.
func smokeAll(c *cli.Context, world World, want want, jobs []job) ([]record.Record, error) {
	records := make([]record.Record, len(jobs))
	var runs []int
	for i, j := range jobs {
		if len(j.errors) > 0 || j.Project == nil {
			records[i] = refused(j)
		} else {
			runs = append(runs, i)
		}
	}
	if len(runs) == 0 {
		return records, nil
	}
	e, err := connect(c.Context)
	if err != nil {
		return nil, err
	}
	defer e.Close()
	tidy, cancel := context.WithTimeout(c.Context, sweepLimit)
	left, err := e.SweepDead(tidy, locks(), time.Now())
	cancel()
	if len(left) > 0 {
		printf(world.Err, "ogpu-tpl: removed what an earlier run left behind: %s\n", strings.Join(left, ", "))
	}
	if err != nil {
		printf(world.Err, "ogpu-tpl: what an earlier run left behind cannot be removed: %s\n", safe(err.Error()))
	}
	runner, err := newRunner(c, world, e)
	if err != nil {
		return nil, err
	}
	if err := runner.LookAt(c.Context); err != nil {
		return nil, fmt.Errorf("what hardware the engine's host has cannot be found out: %w", err)
	}
	progress := newProgress(world, c.Bool("verbose"))
	defer progress.close()
	runner.Progress = progress.show

	memory := semaphore.NewWeighted(e.Info.MemTotal)
	var gpu sync.Mutex
	var group errgroup.Group
	group.SetLimit(c.Int("parallel"))
	for _, i := range runs {
		group.Go(func() error {
			records[i] = smokeOne(c.Context, runner, want, jobs[i], memory, &gpu)
			return nil
		})
	}
	_ = group.Wait()
	return records, nil
}

// smokeOne makes one run as soon as there is room for it: the memory that its
// manifest states, and the GPU for itself, so that what it takes can be seen.
func smokeOne(ctx context.Context, runner *smoke.Runner, want want, j job, memory *semaphore.Weighted, gpu *sync.Mutex) record.Record {
	subject := smoke.Subject{Template: j.Template, Environment: j.Environment, Project: j.Project}
	needed := min(int64(1)<<30, runner.Engine.Info.MemTotal)
	if spec := j.Template.Manifest.Environments.Get(j.Environment); spec != nil && spec.Hardware.RAM > 0 {
		needed = min(int64(spec.Hardware.RAM), runner.Engine.Info.MemTotal)
	}
	if err := memory.Acquire(ctx, needed); err != nil {
		return skipped(subject, "interrupted before it began")
	}
	defer memory.Release(needed)
	decision, err := runner.Decide(ctx, subject)
	switch {
	case err != nil:
		r := smoke.NewRecord(subject)
		r.Status, r.Failures = record.Failed, []record.Failure{smoke.Unasked(ctx, err)}
		return r
	case decision.Hardware == record.Real:
		subject.Hardware = record.Real
	case want.must(j.Environment):
		r := smoke.NewRecord(subject)
		r.Status = record.Failed
		r.Failures = []record.Failure{{Kind: smoke.Required, Message: decision.Reason, Remedy: cmp.Or(decision.Remedy, smoke.Remedy(smoke.Required))}}
		return r
	case decision.Hardware == record.Claimed && want.pretend:
		subject.Hardware = record.Claimed
	case want.emulate:
		subject.Hardware = record.None
	default:
		return skipped(subject, decision.Reason)
	}
	if j.Environment != catalog.CPU && subject.Hardware != record.None {
		gpu.Lock()
		defer gpu.Unlock()
	}
	return runner.Run(ctx, subject)
}

func skipped(subject smoke.Subject, reason string) record.Record {
	r := smoke.NewRecord(subject)
	r.Status, r.Reason = record.Skipped, reason
	return r
}

// refused is the record of a template that lint does not let through.
func refused(j job) record.Record {
	const most = 5
	r := smoke.NewRecord(smoke.Subject{Template: j.Template, Environment: j.Environment, Project: j.Project})
	r.Status = record.Failed
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

func newRunner(c *cli.Context, world World, e *engine.Engine) (*smoke.Runner, error) {
	arguments, err := buildArgs(c)
	if err != nil {
		return nil, err
	}
	r := &smoke.Runner{
		Engine: e, Locks: locks(), Limit: c.Duration("timeout"), Keep: c.Bool("keep"), Pretend: c.Bool("pretend"), BuildNetwork: c.String("build-network"),
		Binary: c.String("relay-binary"), BuildArgs: arguments,
	}
	if r.Binary == "" && runtime.GOOS == "linux" {
		executable, err := os.Executable()
		if err != nil {
			return nil, err
		}
		if r.Binary, err = filepath.EvalSymlinks(executable); err != nil {
			return nil, err
		}
	}
	return r, nil
}
