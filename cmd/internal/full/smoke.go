package full

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/opengpu-network/templates/cmd/internal/app"
	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/document"
	"github.com/opengpu-network/templates/pkg/engine"
	"github.com/opengpu-network/templates/pkg/finding"
	"github.com/opengpu-network/templates/pkg/lint"
	"github.com/opengpu-network/templates/pkg/record"
	"github.com/opengpu-network/templates/pkg/report"
	"github.com/opengpu-network/templates/pkg/smoke"
	"github.com/urfave/cli/v2"
)

func smokeCommand(world app.World) *cli.Command {
	return &cli.Command{
		Name:      "smoke",
		ArgsUsage: "[NAME…]",
		Description: "Each template is linted, started on the Docker engine that DOCKER_HOST or the\n" +
			"current context names, sent the tasks of its smoke cases, and removed again. No\n" +
			"name is the whole catalog. Only a run on real hardware passes.\n\n" +
			"Examples:\n" +
			"  ogpu-tpl smoke document-ocr\n" +
			"  ogpu-tpl smoke ollama --environment nvidia --record smoke.json\n" +
			"  ogpu-tpl smoke text-to-image --emulate --keep\n" +
			"  DOCKER_HOST=ssh://me@gpu-box ogpu-tpl smoke --require nvidia",
		Flags: []cli.Flag{
			app.TemplatesFlag(),
			app.PoliciesFlag(),
			&cli.StringSliceFlag{Name: "environment", Aliases: []string{"e"}, Usage: "run this `ENVIRONMENT`: " + app.OneOf(catalog.EnvironmentNames()) + "; or auto, which is those that the engine's host has", DefaultText: "auto"},
			&cli.StringSliceFlag{Name: "require", Usage: "this `ENVIRONMENT` must be run on real hardware: it is wrong usage when no template has it, and a failure when one of a template is skipped or emulated"},
			&cli.BoolFlag{Name: "emulate", Usage: "run without its GPU what the host has no GPU for; never a pass"},
			&cli.BoolFlag{Name: "pretend", Hidden: true, Usage: "run on a GPU that only the engine claims to have; never a pass"},
			&cli.BoolFlag{Name: "keep", Usage: "leave the stacks up, and say how to reach and remove them"},
			&cli.DurationFlag{Name: "timeout", Value: time.Hour, Usage: "how long one run may take in all"},
			&cli.IntFlag{Name: "parallel", Value: 8, Usage: "run up to `N` stacks at once, as far as the host's memory goes"},
			&cli.StringSliceFlag{Name: "build-arg", Usage: "set `NAME=VALUE` for the builds of templates' own services"},
			&cli.StringFlag{Name: "build-network", Usage: "the `NETWORK` of these builds, such as host"},
			&cli.StringFlag{Name: "relay-binary", Usage: "for an engine on another host: ogpu-tpl-relay as a static Linux program, unless the one beside this program is that"},
			&cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: "text", Usage: "the report's `FORMAT`: " + app.OneOf(report.SmokeFormats())},
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write the report to `FILE`"},
			&cli.StringFlag{Name: "record", Usage: "write the smoke record, which publishing asks for, to `FILE`"},
			&cli.BoolFlag{Name: "verbose", Aliases: []string{"v"}, Usage: "tell every step, also when nobody watches"},
			&cli.BoolFlag{Name: "no-color", Usage: "never colour the report"},
		},
		Action: func(c *cli.Context) error { return runSmoke(c, world) },
	}
}

func runSmoke(c *cli.Context, world app.World) error {
	want, err := wanted(c)
	if err != nil {
		return err
	}
	for _, flag := range []string{"output", "record"} {
		if err := app.Writable(c.String(flag)); err != nil {
			return app.Usagef("--%s %s: %w", flag, c.String(flag), app.Cause(err))
		}
	}
	if app.SameFile(c.String("record"), c.String("output")) {
		return app.Usagef("--output and --record name the same file")
	}
	linted, err := lintRetained(c, world)
	if err != nil {
		return err
	}
	jobs, err := want.jobs(linted.Linted)
	if err != nil {
		return err
	}
	// What keeps all runs from beginning is in the records, too, beside what lint
	// has refused.
	records, trouble := smokeAll(c, world, want, jobs)
	var out bytes.Buffer
	options := report.Options{Format: c.String("format"), Color: c.String("output") == "" && app.Colored(c, world), Width: app.Width(world)}
	if err := report.WriteSmoke(&out, report.Smoke{Records: records, Version: app.Version()}, options); err != nil {
		return err
	}
	// A long run must not be lost because one of its reports cannot be written.
	if err = app.Deliver(c.String("output"), world.Out, out.Bytes()); err != nil && c.String("output") != "" {
		err = errors.Join(err, app.Deliver("", world.Out, out.Bytes()))
	}
	if file := c.String("record"); file != "" {
		text, marshalErr := json.MarshalIndent(record.File{Schema: record.Schema, Tool: app.Version(), Records: records}, "", "  ")
		err = errors.Join(err, marshalErr, app.Deliver(file, nil, append(text, '\n')))
	}
	if err != nil {
		return err
	}
	if trouble != nil && c.Context.Err() == nil {
		return trouble
	}
	return verdict(c.Context, records)
}

// verdict turns the records into the exit status. A run that could not be
// finished, or none at all, is no finding about a template.
func verdict(ctx context.Context, records []record.Record) error {
	failed, ran := false, false
	for _, r := range records {
		failed = failed || r.Status == record.Failed
		ran = ran || r.Status != record.Skipped
		for _, f := range r.Failures {
			if f.Kind == smoke.EngineLost || f.Kind == smoke.Harness || f.Kind == smoke.LeftOver {
				return fmt.Errorf("the run of %s (%s) could not be finished: %s", r.Template, r.Environment, f.Message)
			}
		}
	}
	switch {
	case ctx.Err() != nil:
		return errors.New("interrupted")
	case failed:
		return app.ErrFindings
	case !ran:
		return errors.New("nothing was run: see the reasons above; --emulate runs the rest of a stack without its GPU")
	default:
		return nil
	}
}

// want is what the command line asks for.
type want struct {
	auto             bool
	named, required  []catalog.Environment
	emulate, pretend bool
	buildArgs        map[string]string
}

func wanted(c *cli.Context) (want, error) {
	w := want{emulate: c.Bool("emulate"), pretend: c.Bool("pretend"), auto: len(app.List(c, "environment")) == 0}
	for _, name := range app.List(c, "environment") {
		if name == "auto" {
			w.auto = true
			continue
		}
		environment, err := catalog.ParseEnvironment(name)
		if err != nil {
			known := append(catalog.EnvironmentNames(), "auto")
			return want{}, app.Usagef("--environment: unknown environment %q: use %s%s", name, app.OneOf(known), document.Suggest(name, known))
		}
		if !slices.Contains(w.named, environment) {
			w.named = append(w.named, environment)
		}
	}
	for _, name := range app.List(c, "require") {
		environment, err := catalog.ParseEnvironment(name)
		if err != nil {
			return want{}, app.Usagef("--require: %w", err)
		}
		if !w.auto && !slices.Contains(w.named, environment) {
			return want{}, app.Usagef("--require %s: --environment leaves it out: add --environment %s, or name none", name, name)
		}
		w.required = append(w.required, environment)
	}
	var err error
	if w.buildArgs, err = app.BuildArgs(c); err != nil {
		return want{}, err
	}
	if !slices.Contains(report.SmokeFormats(), c.String("format")) {
		return want{}, app.Usagef("unknown format %q: use %s%s", c.String("format"), app.OneOf(report.SmokeFormats()), document.Suggest(c.String("format"), report.SmokeFormats()))
	}
	if c.Duration("timeout") <= 0 || c.Int("parallel") < 1 {
		return want{}, app.Usagef("--timeout and --parallel must be positive")
	}
	return w, nil
}

// must is true when nothing but real hardware will do for an environment:
// whoever names one does not want it skipped.
func (w want) must(environment catalog.Environment) bool {
	return slices.Contains(w.required, environment) || slices.Contains(w.named, environment) && !w.emulate && !w.pretend
}

// job is one run that is to be made, or to be refused.
type job struct {
	lint.Linted
	// errors are those of lint, because of which it is refused.
	errors []string
	// skip says why it is not to be made, if it is not.
	skip string
}

// jobs picks the environments out of what was linted. Each template has a job at
// least: none vanishes because nothing of it can be read, or because it has no
// environment that was asked for.
func (w want) jobs(linted []lint.Linted) ([]job, error) {
	if err := w.checkRequired(linted); err != nil {
		return nil, err
	}
	var jobs []job
	for rest := linted; len(rest) > 0; {
		// The entries of a template follow each other.
		n := slices.IndexFunc(rest, func(l lint.Linted) bool { return l.Template != rest[0].Template })
		if n < 0 {
			n = len(rest)
		}
		jobs, rest = append(jobs, w.jobsOf(rest[:n])...), rest[n:]
	}
	if !slices.ContainsFunc(jobs, func(j job) bool { return j.skip == "" }) {
		return nil, app.Usagef("none of the templates supports the environment that was asked for; see ogpu-tpl list")
	}
	return jobs, nil
}

// jobsOf picks the environments of one template. When it has none of those that
// are named there is a job for each of these all the same: it is skipped, or
// refused when errors may hide what the template has.
func (w want) jobsOf(template []lint.Linted) (jobs []job) {
	for _, l := range template {
		if w.auto || slices.Contains(w.named, l.Environment) {
			jobs = append(jobs, job{Linted: l, errors: lintErrors(l.Findings)})
		}
	}
	if len(jobs) > 0 {
		return jobs
	}
	t := template[0].Template
	general := slices.DeleteFunc(slices.Clone(template[0].Findings), func(f finding.Finding) bool { return f.Environment != "" })
	for _, environment := range w.named {
		j := job{Linted: lint.Linted{Template: t, Environment: environment}, errors: lintErrors(general)}
		switch {
		case len(j.errors) > 0:
		case t.Manifest.Environments.Get(environment) != nil:
			j.skip = "only the compose file of another environment is named"
		default:
			j.skip = fmt.Sprintf("the template does not support %s", environment)
		}
		jobs = append(jobs, j)
	}
	return jobs
}

// checkRequired makes sure that what is required can be run at all. A template
// that states no environment is refused by lint, and may have any.
func (w want) checkRequired(linted []lint.Linted) error {
	for _, required := range w.required {
		if !slices.ContainsFunc(linted, func(l lint.Linted) bool {
			return l.Environment == required || len(l.Template.Manifest.Environments.List()) == 0
		}) {
			return app.Usagef("--require %s: none of the templates is run for it; see ogpu-tpl list", required)
		}
	}
	return nil
}

// lintRetained lints the templates that the command line names, with all
// rules, and keeps their models.
func lintRetained(c *cli.Context, world app.World) (lint.Result, error) {
	set, err := app.LoadPolicies(c.String("policies"))
	if err != nil {
		return lint.Result{}, err
	}
	templates, err := app.TemplatesDir(c)
	if err != nil && c.NArg() == 0 {
		return lint.Result{}, err
	}
	targets, err := lint.Targets(templates, c.Args().Slice())
	if errors.Is(err, lint.ErrNoTarget) {
		return lint.Result{}, app.AsUsage(err)
	} else if err != nil {
		return lint.Result{}, err
	}
	for i, target := range targets {
		if target.File != "" {
			return lint.Result{}, app.Usagef("%s is a compose file that belongs to no template: nothing says what its tasks are", target.Display)
		}
		if slices.ContainsFunc(targets[:i], func(t lint.Target) bool { return t.Dir == target.Dir && t.Environment == target.Environment }) {
			return lint.Result{}, app.Usagef("%s is named twice", target.Display)
		}
	}
	if err := set.Compile(c.Context, func(string) bool { return true }); err != nil {
		return lint.Result{}, err
	}
	app.WarnRegistries(world.Err, set, c.String("policies"))
	linter := &lint.Linter{Today: world.Now(), Policies: set, Retain: true}
	return linter.Run(c.Context, targets)
}

// locks is the folder for the locks of this user's runs.
func locks() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return filepath.Join(os.TempDir(), fmt.Sprintf("ogpu-tpl-%d", os.Getuid()), "runs")
	}
	return filepath.Join(dir, "ogpu-tpl", "runs")
}

// connect finds the engine. Its errors say what to do.
func connect(ctx context.Context) (*engine.Engine, error) {
	e, err := engine.Connect(ctx)
	if err != nil {
		return nil, err
	}
	if err := e.ForTestcontainers(); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}
