package gatetest

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/opengpu-network/templates/pkg/programtest"
)

// event is what starts a workflow: GitHub's context for it.
type event map[string]any

// runner runs the jobs of workflows as GitHub's would: each in an empty folder, step
// by step, with the variables, files and contexts that they are promised.
type runner struct {
	t testing.TB
	// remote is the URL of the repository, and commands a folder that comes first
	// in PATH.
	remote, commands string
	// vars and secrets are the repository's; secrets are by environment.
	vars    map[string]string
	secrets map[string]map[string]string
	// env is what every step sees besides.
	env map[string]string
	// built are programs that `make build` has made, by what they were made of. Where
	// tool is set, its text is what is built.
	built map[string]string
	tool  string
	// after is what happens once a job has ended, by the jobs' names: what a container
	// that broke out of it does to the run's artifacts.
	after map[string]func(o *outcome)
}

// runs counts the runs of workflows, whose ids it gives.
var runs atomic.Int64

// building is held while a runner looks for what was built, and builds it.
var building sync.Mutex

// usualShell is what GitHub takes where a workflow names none.
const usualShell = "bash -e {0}"

// queued is the result of a job that no runner takes, and of those that need it.
const queued = "queued"

// outcome is what a run came to.
type outcome struct {
	workflow string // the file's name
	github   event
	jobs     map[string]*result
	// artifacts are what jobs keep, by their names: folders.
	artifacts map[string]string
	// permissions are those of the job that runs.
	permissions any
	// builds is how often the tool was built.
	builds int
}

// result is that of a job, of all its runs in a matrix together.
type result struct {
	Result  string
	Outputs map[string]string
	// Log is what all steps said, Summary the job's page, and Ran the steps
	// that were run.
	Log, Summary string
	Ran          []string
	// Environment is what must have been approved.
	Environment string
}

// run runs a workflow.
func (r *runner) run(w workflow, github event) *outcome {
	r.t.Helper()
	o := &outcome{workflow: w.File, github: maps.Clone(github), jobs: map[string]*result{}, artifacts: map[string]string{}}
	maps.Copy(o.github, event{"repository": "OpenGPU-Network/templates", "token": "the run's own token", "run_id": fmt.Sprint(runs.Add(1)), "run_attempt": "1"})
	r.attempt(w, o)
	return o
}

// again runs some jobs of a run once more. What the others came to is kept, however
// old it is, and so is what was made of the run's event.
func (r *runner) again(w workflow, before *outcome, jobs ...string) *outcome {
	r.t.Helper()
	o := &outcome{workflow: w.File, github: maps.Clone(before.github), jobs: maps.Clone(before.jobs), artifacts: maps.Clone(before.artifacts)}
	o.github["run_attempt"] = "2"
	for _, name := range jobs {
		delete(o.jobs, name)
	}
	r.attempt(w, o)
	return o
}

// continued is a run that has come as far as another, in the same attempt.
func (r *runner) continued(before *outcome) *outcome {
	o := &outcome{workflow: before.workflow, github: maps.Clone(before.github), jobs: maps.Clone(before.jobs), artifacts: maps.Clone(before.artifacts), builds: before.builds}
	o.github["run_id"] = fmt.Sprint(runs.Add(1))
	return o
}

// attempt runs the jobs that have no result yet.
func (r *runner) attempt(w workflow, o *outcome) {
	r.t.Helper()
	github := o.github
	for _, name := range w.order(r.t) {
		if o.jobs[name] != nil {
			continue
		}
		j := w.Jobs[name]
		needs, status := map[string]any{}, "success"
		for _, need := range j.Needs {
			needs[need] = map[string]any{"result": o.jobs[need].Result, "outputs": o.jobs[need].Outputs}
			if o.jobs[need].Result == queued {
				status = queued
			}
			if o.jobs[need].Result != "success" && status != "failure" && status != queued {
				status = o.jobs[need].Result
			}
		}
		contexts := map[string]any{"github": map[string]any(github), "needs": needs, "vars": r.vars}
		if dispatched, ok := github["event"].(map[string]any); ok {
			contexts["inputs"] = dispatched["inputs"]
		}
		all := &result{Result: "skipped", Outputs: map[string]string{}}
		o.jobs[name] = all
		if status == queued {
			all.Result = queued // it waits for what waits
			continue
		}
		if !r.condition(scope{contexts, status}, j.If) {
			continue
		}
		all.Result = "success"
		for _, matrix := range r.matrix(scope{contexts, "success"}, j.Strategy.Matrix) {
			of := maps.Clone(contexts)
			of["matrix"] = matrix
			o.permissions = j.Permissions
			r.job(w, name, j, of, o, all)
		}
		if happens := r.after[name]; happens != nil {
			happens(o)
		}
	}
}

func (r *runner) condition(s scope, text string) bool {
	r.t.Helper()
	holds, err := s.condition(text)
	if err != nil {
		r.t.Fatal(err)
	}
	return holds
}

func (r *runner) text(s scope, text string) string {
	r.t.Helper()
	value, err := s.value(text)
	if err != nil {
		r.t.Fatal(err)
	}
	return shown(value)
}

// matrix lists the runs of a job.
func (r *runner) matrix(s scope, matrix any) (runs []map[string]any) {
	r.t.Helper()
	switch m := matrix.(type) {
	case nil:
		return []map[string]any{nil}
	case string:
		value, err := s.value(m)
		if err != nil {
			r.t.Fatal(err)
		}
		include, ok := value.(map[string]any)["include"].([]any)
		if !ok || len(include) == 0 {
			r.t.Fatalf("the matrix %v is empty: GitHub refuses it", value)
		}
		for _, one := range include {
			runs = append(runs, one.(map[string]any))
		}
	case map[string]any:
		if len(m) != 1 {
			r.t.Fatalf("the matrix %v has several axes", m)
		}
		for axis, list := range m {
			value, err := s.value(list.(string))
			if err != nil {
				r.t.Fatal(err)
			}
			for _, one := range value.([]any) {
				runs = append(runs, map[string]any{axis: one})
			}
		}
	}
	return runs
}

// job runs one job, or one of its matrix.
func (r *runner) job(w workflow, name string, j job, contexts map[string]any, o *outcome, all *result) {
	r.t.Helper()
	var log bytes.Buffer
	dir := r.t.TempDir()
	defer os.RemoveAll(dir) // the programs in it are large
	s := scope{contexts, "success"}
	all.Environment = r.text(s, j.Environment)
	steps := map[string]any{}
	contexts["steps"], contexts["secrets"] = steps, r.secrets[all.Environment]
	env := map[string]string{}
	for key, text := range w.Env {
		env[key] = r.text(s, text)
	}
	contexts["env"] = env
	if runner, err := s.value(fmt.Sprint(j.RunsOn)); err != nil || strings.Contains(shown(runner), "self-hosted") {
		all.Result = queued
		all.Log += shown(runner)
		return
	}
	for i, step := range j.Steps {
		label := step.Name
		if label == "" {
			label, _, _ = strings.Cut(step.Uses, "@")
		}
		if !r.condition(s, step.If) {
			if step.ID != "" {
				steps[step.ID] = map[string]any{"outputs": map[string]string{}, "outcome": "skipped"}
			}
			continue
		}
		all.Ran = append(all.Ran, label)
		work := filepath.Join(r.t.TempDir(), fmt.Sprint("step-", i))
		outputs, err := r.step(w, step, s, dir, work, o, &log)
		conclusion := "success"
		if err != nil {
			fmt.Fprintf(&log, "%s: %v\n", label, err)
			conclusion = "failure"
			lenient := step.ContinueOnError != nil && r.condition(scope{contexts, "success"}, fmt.Sprint(step.ContinueOnError))
			if !lenient {
				s.status, all.Result = "failure", "failure"
			}
		}
		if page, err := os.ReadFile(filepath.Join(work, "summary")); err == nil {
			all.Summary += string(page)
		}
		if step.ID != "" {
			steps[step.ID] = map[string]any{"outputs": outputs, "outcome": conclusion}
		}
	}
	all.Log += log.String()
	for key, text := range j.Outputs {
		all.Outputs[key] = r.text(s, text)
	}
	for environment, of := range r.secrets {
		for key, secret := range of {
			if strings.Contains(all.Log, secret) {
				r.t.Errorf("%s/%s: the log holds %s of %s", w.File, name, key, environment)
			}
		}
	}
}

// step runs one step. Its outputs are there also after a failure.
func (r *runner) step(w workflow, step step, s scope, dir, work string, o *outcome, log *bytes.Buffer) (map[string]string, error) {
	r.t.Helper()
	if err := os.MkdirAll(work, 0o700); err != nil {
		r.t.Fatal(err)
	}
	with := map[string]string{}
	for key, text := range step.With {
		with[key] = r.text(s, text)
	}
	if step.Uses != "" {
		action, _, _ := strings.Cut(step.Uses, "@")
		do, ok := actions[action]
		if !ok {
			r.t.Fatalf("%s: nothing stands for %s here", w.File, action)
		}
		return nil, do(r, dir, with, o)
	}
	github := s.contexts["github"].(map[string]any)
	env := []string{
		"PATH=" + r.commands + string(filepath.ListSeparator) + os.Getenv("PATH"), "HOME=" + work,
		"CI=true", "GITHUB_ACTIONS=true", "GITHUB_WORKSPACE=" + dir, "RUNNER_TEMP=" + work, "TMPDIR=" + work,
		"GITHUB_OUTPUT=" + filepath.Join(work, "output"), "GITHUB_STEP_SUMMARY=" + filepath.Join(work, "summary"),
		"GITHUB_REF=" + shown(github["ref"]), "GITHUB_SHA=" + shown(github["sha"]), "GITHUB_RUN_ID=" + shown(github["run_id"]),
		"GITHUB_RUN_ATTEMPT=" + shown(github["run_attempt"]),
		"GITHUB_REPOSITORY=" + shown(github["repository"]), "GITHUB_SERVER_URL=https://github.com",
	}
	for _, key := range sorted(r.env) {
		env = append(env, key+"="+r.env[key])
	}
	for _, values := range []map[string]string{w.Env, step.Env} {
		for _, key := range sorted(values) {
			env = append(env, key+"="+r.text(s, values[key]))
		}
	}
	if done, err := r.build(step.Run, dir, o, log); done || err != nil {
		return nil, err
	}
	script := filepath.Join(work, "script")
	if err := os.WriteFile(script, []byte(step.Run), 0o600); err != nil {
		r.t.Fatal(err)
	}
	words := strings.Fields(strings.ReplaceAll(cmp.Or(w.Defaults.Run.Shell, usualShell), "{0}", script))
	command := programtest.Command(r.t, words[0], words[1:]...)
	in := r.text(s, step.WorkingDirectory)
	if !filepath.IsAbs(in) {
		in = filepath.Join(dir, in)
	}
	command.Dir, command.Env, command.Stdout, command.Stderr = in, env, log, log
	err := command.Run()
	outputs := map[string]string{}
	if text, readErr := os.ReadFile(filepath.Join(work, "output")); readErr == nil {
		for line := range strings.Lines(string(text)) {
			key, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
			if !ok {
				r.t.Fatalf("%s: %q is no output", step.Name, line)
			}
			outputs[key] = value
		}
	}
	return outputs, err
}

// build builds the tool once for the same sources: each job starts from nothing, and
// linking takes long. The first time, the step's own command does it.
func (r *runner) build(run, dir string, o *outcome, log *bytes.Buffer) (done bool, err error) {
	r.t.Helper()
	if strings.TrimSpace(run) == testEngines {
		return true, nil // tests of their own, which are not of the workflows
	}
	in, ok := map[string]string{"make build": ".", "make -C base build": "base"}[strings.TrimSpace(run)]
	if !ok {
		return false, nil
	}
	o.builds++
	in = filepath.Join(dir, in)
	if r.tool != "" {
		writeFile(r.t, filepath.Join(in, "bin/ogpu-tpl"), r.tool, 0o755)
		return true, nil
	}
	sources := []string{}
	for line := range strings.Lines(git(r.t, in, "ls-tree", "HEAD")) {
		if name := strings.TrimSpace(line[strings.IndexByte(line, '\t'):]); name != "templates" && name != "deployments" {
			sources = append(sources, line)
		}
	}
	slices.Sort(sources)
	building.Lock()
	defer building.Unlock()
	key, to := strings.Join(sources, ""), filepath.Join(in, "bin")
	if binaries, ok := r.built[key]; ok {
		return true, os.CopyFS(to, os.DirFS(binaries)) // a link would change while it is packed
	}
	command := programtest.Command(r.t, "bash", "-euo", "pipefail", "-c", run)
	command.Dir, command.Stdout, command.Stderr = dir, log, log
	if err := command.Run(); err != nil {
		return true, err
	}
	r.built[key] = r.t.TempDir()
	return true, os.CopyFS(r.built[key], os.DirFS(to))
}
