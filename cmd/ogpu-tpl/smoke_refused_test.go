package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/opengpu-network/templates/pkg/enginetest"
	"github.com/opengpu-network/templates/pkg/record"
)

// brokenCatalog is a catalog in which each template is named after what is wrong
// with it.
func brokenCatalog(t testing.TB) (catalog string) {
	t.Helper()
	catalog = echoCatalog(t, "good", "no-compose", "no-compose-of-two", "no-yaml", "no-yaml-no-compose", "slow")
	remove := func(names ...string) {
		for _, name := range names {
			if err := os.Remove(filepath.Join(catalog, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	remove("no-compose/compose/cpu.yml", "no-yaml-no-compose/compose/cpu.yml")
	for _, name := range []string{"no-yaml", "no-yaml-no-compose"} {
		if err := os.WriteFile(filepath.Join(catalog, name, "template.yaml"), []byte("name: ["), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	edit(t, filepath.Join(catalog, "no-compose-of-two/template.yaml"), func(manifest map[string]any) {
		merge(manifest, map[string]any{"environments": map[string]any{"nvidia": map[string]any{"hardware": map[string]any{"vram": "1GiB"}}}})
	})
	edit(t, filepath.Join(catalog, "slow/template.yaml"), func(manifest map[string]any) {
		merge(manifest, map[string]any{"smoke": map[string]any{"ready": "2h"}})
	})
	if err := os.Mkdir(filepath.Join(catalog, "empty"), 0o700); err != nil {
		t.Fatal(err)
	}
	return catalog
}

// noEngine is the environment of a machine without an engine.
const noEngine = "DOCKER_HOST=unix:///nowhere/docker.sock"

// TestSmokeLosesNoTemplate runs templates of which little or nothing can be read:
// each has a record for each of its environments, and none of them passes.
func TestSmokeLosesNoTemplate(t *testing.T) {
	catalog := brokenCatalog(t)
	for _, c := range []struct {
		args   string
		status int
		// want are the records: template, environment, status, and the kind of the
		// first failure.
		want []string
		says string
	}{
		{"no-compose", statusFindings, []string{"no-compose cpu failed lint"}, `has no file compose/cpu.yml`},
		{"no-compose-of-two", statusFindings, []string{"no-compose-of-two cpu failed lint", "no-compose-of-two nvidia failed lint"}, `no file compose/nvidia.yml`},
		{"empty", statusFindings, []string{"empty  failed lint"}, "template.yaml"},
		{"no-yaml", statusFindings, []string{"no-yaml cpu failed lint"}, ""},
		{"no-yaml-no-compose", statusFindings, []string{"no-yaml-no-compose  failed lint"}, ""},
		{"no-compose empty -e cpu", statusFindings, []string{"no-compose cpu failed lint", "empty cpu failed lint"}, ""},
		{"no-compose empty -e nvidia", statusFindings, []string{"no-compose nvidia failed lint", "empty nvidia failed lint"}, ""},
		{"no-compose-of-two/compose/cpu.yml empty", statusFindings, []string{"no-compose-of-two cpu failed lint", "empty  failed lint"}, ""},
		{"good no-compose -e cpu -e nvidia", statusFailed, []string{"good cpu failed engine-unreachable", "no-compose cpu failed lint"}, ""},
		{"no-compose-of-two good -e nvidia", statusFindings, []string{"no-compose-of-two nvidia failed lint", "good nvidia skipped"}, "the template does not support nvidia"},
		{"", statusFailed, []string{
			"empty  failed lint", "good cpu failed engine-unreachable", "no-compose cpu failed lint", "no-compose-of-two cpu failed lint",
			"no-compose-of-two nvidia failed lint", "no-yaml cpu failed lint", "no-yaml-no-compose  failed lint", "slow cpu failed engine-unreachable",
		}, "install Docker Engine and start it"},
	} {
		t.Run(c.args, func(t *testing.T) {
			args := []string{"smoke", "--templates", catalog, "--format", "json"}
			for _, arg := range strings.Fields(c.args) {
				if strings.Contains(arg, "/") {
					arg = filepath.Join(catalog, arg)
				}
				args = append(args, arg)
			}
			cmd := command(t, args...)
			cmd.Env = append(cmd.Env, noEngine)
			status, stdout, stderr := runCommand(t, cmd)
			file, err := record.Read([]byte(stdout))
			if err != nil {
				t.Fatalf("%v: %s%s", err, stdout, stderr)
			}
			var got []string
			for _, r := range file.Records {
				line := fmt.Sprintf("%s %s %s", r.Template, r.Environment, r.Status)
				if len(r.Failures) > 0 {
					line += " " + r.Failures[0].Kind
				}
				if r.Started.IsZero() || r.Status == record.Failed && (len(r.Failures) == 0 || r.Failures[0].Message == "" || r.Failures[0].Remedy == "") {
					t.Errorf("it does not say when or why: %+v", r)
				}
				got = append(got, line)
			}
			if status != c.status || !slices.Equal(got, c.want) || !strings.Contains(stdout+stderr, c.says) {
				t.Errorf("status %d, want %d, and %q\ngot  %q\nwant %q\n%s", status, c.status, c.says, got, c.want, stderr)
			}
		})
	}
}

// TestSmokeRefusesOneOfTwo runs a good template beside one that lint refuses.
func TestSmokeRefusesOneOfTwo(t *testing.T) {
	t.Parallel()
	shareEcho(t)
	status, stdout, stderr := runCommand(t, command(t, "smoke", "--templates", brokenCatalog(t), "good", "no-compose"))
	if status != statusFindings || !strings.Contains(stdout, "1 passed, 1 failed") || !strings.Contains(stdout, "error[lint]: ") {
		t.Errorf("status %d: %s%s", status, stdout, stderr)
	}
}

// TestSmokeTellsWhatCannotBeReadFirst has a manifest from whose one mistake many
// others follow.
func TestSmokeTellsWhatCannotBeReadFirst(t *testing.T) {
	_, stdout, _ := run(t, "smoke", "--templates", brokenCatalog(t), "no-yaml", "--format", "json")
	file, err := record.Read([]byte(stdout))
	if err != nil {
		t.Fatal(err)
	}
	if first := file.Records[0].Failures[0].Message; !strings.Contains(first, "template.yaml:2: syntax/yaml: ") {
		t.Errorf("it begins with %s", first)
	}
}

// TestSmokeWithoutAnEngine writes the report and the record all the same.
func TestSmokeWithoutAnEngine(t *testing.T) {
	dir := t.TempDir()
	reportFile, recordFile := filepath.Join(dir, "u.xml"), filepath.Join(dir, "u.json")
	c := command(t, "smoke", "--templates", brokenCatalog(t), "good", "no-compose", "--format", "junit", "--output", reportFile, "--record", recordFile)
	c.Env = append(c.Env, noEngine)
	status, stdout, stderr := runCommand(t, c)
	report, err := os.ReadFile(reportFile)
	if status != statusFailed || stdout != "" || !strings.Contains(stderr, "cannot be reached") || err != nil {
		t.Errorf("status %d: %v: %s%s", status, err, stdout, stderr)
	}
	for _, suite := range []string{`<testsuite name="good cpu" tests="3" failures="1" skipped="2"`, `type="engine-unreachable"`, `<testsuite name="no-compose cpu" tests="3" failures="1" skipped="2"`, `type="lint"`} {
		if !strings.Contains(string(report), suite) {
			t.Errorf("there is no %s in %s", suite, report)
		}
	}
	records := recordsIn(t, recordFile)
	if f := records["good cpu"].Failures; len(f) != 1 || f[0].Kind != "engine-unreachable" || !strings.Contains(f[0].Remedy, "install Docker Engine") {
		t.Errorf("%+v", f)
	}
	if f := records["no-compose cpu"].Failures; len(f) == 0 || f[0].Kind != "lint" {
		t.Errorf("%+v", f)
	}
}

// TestSmokeRequires holds --require against what is to be run.
func TestSmokeRequires(t *testing.T) {
	catalog := brokenCatalog(t)
	gpu := filepath.Join(root(t), "templates/huggingface-pipeline")
	for _, c := range []struct {
		args   []string
		status int
		says   string
	}{
		{[]string{gpu, "-e", "cpu", "--require", "nvidia"}, statusUsage, "--require nvidia: --environment leaves it out"},
		{[]string{gpu, "-e", "cpu,nvidia", "--require", "amd"}, statusUsage, "--require amd: --environment leaves it out"},
		{[]string{"good", "--require", "nvidia"}, statusUsage, "--require nvidia: none of the templates is run for it"},
		{[]string{"good", "slow", "--require", "cpu,amd"}, statusUsage, "--require amd: none of the templates is run for it"},
		{[]string{filepath.Join(gpu, "compose/cpu.yml"), "--require", "nvidia"}, statusUsage, "--require nvidia: none of the templates is run for it"},
		{[]string{"good", "--require", "tpu"}, statusUsage, "--require: unknown environment"},
		{[]string{"no-yaml", "--require", "nvidia"}, statusFindings, "error[lint]"},
		{[]string{"no-compose-of-two", "--require", "nvidia"}, statusFindings, "error[lint]"},
		// These go on, to an engine that is not there.
		{[]string{"good", "--require", "cpu"}, statusFailed, "engine-unreachable"},
		{[]string{"good", "-e", "auto,nvidia", "--require", "cpu"}, statusFailed, "engine-unreachable"},
		{[]string{"good", gpu, "--require", "nvidia"}, statusFailed, "engine-unreachable"},
	} {
		cmd := command(t, append([]string{"smoke", "--templates", catalog}, c.args...)...)
		cmd.Env = append(cmd.Env, noEngine)
		if status, stdout, stderr := runCommand(t, cmd); status != c.status || !strings.Contains(stdout+stderr, c.says) {
			t.Errorf("%q: status %d, want %d and %q:\n%s%s", c.args, status, c.status, c.says, stdout, stderr)
		}
	}
}

// TestSmokeTellsItsLimits has manifests that give a run more time than --timeout.
func TestSmokeTellsItsLimits(t *testing.T) {
	catalog := brokenCatalog(t)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"good"}, ""},
		{[]string{"good", "--timeout", "1m"}, "the manifest of good gives its run (cpu) 1m40s, of which 30s until it is ready, and --timeout only 1m:"},
		{[]string{"slow"}, "the manifest of slow gives its run (cpu) 2h1m10s, of which 2h until it is ready, and --timeout only 1h:"},
		{[]string{"slow", "--timeout", "3h"}, ""},
	} {
		cmd := command(t, append([]string{"smoke", "--templates", catalog}, c.args...)...)
		cmd.Env = append(cmd.Env, noEngine)
		_, _, stderr := runCommand(t, cmd)
		if got := strings.Contains(stderr, "the manifest of"); got != (c.want != "") || !strings.Contains(stderr, c.want) {
			t.Errorf("%q says %s, want %q", c.args, stderr, c.want)
		}
	}
}

// TestSmokeEnvironmentIsMisspelt offers all that could be meant.
func TestSmokeEnvironmentIsMisspelt(t *testing.T) {
	for name, want := range map[string]string{
		"cpuu": `ogpu-tpl: --environment: unknown environment "cpuu": use cpu, nvidia, amd or auto: did you mean "cpu"?` + "\n",
		"atuo": `ogpu-tpl: --environment: unknown environment "atuo": use cpu, nvidia, amd or auto: did you mean "auto"?` + "\n",
		"x":    `ogpu-tpl: --environment: unknown environment "x": use cpu, nvidia, amd or auto` + "\n",
	} {
		if status, _, stderr := run(t, "smoke", "-e", name); status != statusUsage || stderr != want {
			t.Errorf("status %d: %s", status, stderr)
		}
	}
}

// TestSmokeWritesWhereItIsTold has one name, or two, for the record and the report.
func TestSmokeWritesWhereItIsTold(t *testing.T) {
	catalog := brokenCatalog(t)
	for name, c := range map[string]struct {
		record, output string
		status         int
		// kept are the links that must still be there.
		kept []string
	}{
		"two files":             {"x.json", "y.json", statusFindings, nil},
		"absolute and relative": {"./x.json", "DIR/x.json", statusUsage, nil},
		"a link to the other":   {"link", "target", statusUsage, []string{"link"}},
		"a dangling link":       {"dangling", "nothing-yet", statusUsage, []string{"dangling"}},
		"through a folder":      {"folder/../x.json", "x.json", statusUsage, []string{"folder"}},
		"a hard link":           {"hard", "target", statusUsage, nil},
		"links":                 {"link", "dangling", statusFindings, []string{"link", "dangling"}},
		"no file":               {"/dev/null", "/dev/null", statusFindings, nil},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			err := errors.Join(
				os.WriteFile(filepath.Join(dir, "target"), []byte("old"), 0o600), os.Link(filepath.Join(dir, "target"), filepath.Join(dir, "hard")),
				os.Symlink("target", filepath.Join(dir, "link")), os.Symlink("nothing-yet", filepath.Join(dir, "dangling")),
				os.Mkdir(filepath.Join(dir, "inner"), 0o700), os.Symlink("inner", filepath.Join(dir, "folder")),
			)
			if err != nil {
				t.Fatal(err)
			}
			cmd := command(t, "smoke", "--templates", catalog, "no-compose", "--format", "json", "--record", c.record, "--output", strings.Replace(c.output, "DIR", dir, 1))
			cmd.Dir = dir
			if status, stdout, stderr := runCommand(t, cmd); status != c.status || status == statusUsage && !strings.Contains(stderr, "name the same file") {
				t.Fatalf("status %d, want %d: %s%s", status, c.status, stdout, stderr)
			}
			for _, link := range c.kept {
				if info, err := os.Lstat(filepath.Join(dir, link)); err != nil || info.Mode()&os.ModeSymlink == 0 {
					t.Errorf("%s is no link any more: %v", link, err)
				}
			}
			if c.status == statusFindings && !strings.HasPrefix(c.record, "/") {
				recordsIn(t, filepath.Join(dir, c.record))
				recordsIn(t, filepath.Join(dir, c.output))
			}
		})
	}
}

// TestSmokeConfigurationOfDocker has one that cannot be read: it may name another
// engine than this machine's.
func TestSmokeConfigurationOfDocker(t *testing.T) {
	catalog := brokenCatalog(t)
	for name, text := range map[string]string{
		"cut off":      `{"currentContext": "far`,
		"another type": `{"currentContext": ["far"]}`,
		"credentials":  `{"auths": {"registry.test": {"auth": "%%"}}, "currentContext": "far"}`,
	} {
		config := t.TempDir()
		if err := os.WriteFile(filepath.Join(config, "config.json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := command(t, "smoke", "--templates", catalog, "good")
		cmd.Env = append(cmd.Env, "DOCKER_CONFIG="+config)
		status, stdout, stderr := runCommand(t, cmd)
		for _, want := range []string{"the Docker configuration, which may name the engine, cannot be read", config, "DOCKER_CONFIG"} {
			if status != statusFailed || !strings.Contains(stderr, want) || !strings.Contains(stdout, "error[engine-unreachable]") {
				t.Errorf("%s: status %d, want %q: %s%s", name, status, want, stdout, stderr)
			}
		}
	}
}

// TestSmokeRelayIsUnfit has a program with shared libraries for the relay, as plain
// `go install` makes it where there is a C compiler.
func TestSmokeRelayIsUnfit(t *testing.T) {
	beside(t)
	far := enginetest.Start(t, enginetest.Options{})
	cmd := command(t, "smoke", "--templates", brokenCatalog(t), "good", "--relay-binary", "/bin/sh", "--format", "json")
	cmd.Env = append(cmd.Env, "DOCKER_HOST="+far.Host)
	status, stdout, stderr := runCommand(t, cmd)
	r := recordsOf(t, []byte(stdout))["good cpu"]
	if status != statusFailed || !failedAs(r, "harness", "/bin/sh cannot run as the relay on the engine's host: it needs shared libraries") ||
		!strings.Contains(r.Failures[0].Remedy, "CGO_ENABLED=0 go install") || !strings.HasPrefix(stderr, "ogpu-tpl: /bin/sh cannot run") {
		t.Errorf("status %d: %+v\n%s", status, r.Failures, stderr)
	}
}

// TestSmokeIsCutShort has a run that ends after its service was ready, before its
// containers are compared for good: the report does not say that they were as linted.
func TestSmokeIsCutShort(t *testing.T) {
	t.Parallel()
	shareEcho(t)
	catalog, recordFile := t.TempDir(), filepath.Join(t.TempDir(), "record.json")
	writeCase(t, catalog, smokeCase{Name: "silent", Behavior: "silent", Manifest: map[string]any{"smoke": map[string]any{"ready": "1m", "cases": []any{
		map[string]any{"name": "good", "function": "echo", "input": map[string]any{"text": "x"}, "timeout": "2m"},
		map[string]any{"name": "bad", "function": "echo", "input": map[string]any{}, "expect": map[string]any{"status": 422}},
	}}}})
	var stdout string
	// How long a machine takes until the service is ready is its own affair.
	for limit := 5 * time.Second; ; limit *= 3 {
		var status int
		var stderr string
		status, stdout, stderr = runCommand(t, command(t, "smoke", "--templates", catalog, "silent", "--timeout", limit.String(), "--format", "junit", "--record", recordFile))
		r := recordsIn(t, recordFile)["silent cpu"]
		if status != statusFindings || r.Compared || !failedAs(r, "time-out", "the run took longer than") {
			t.Fatalf("status %d: %+v\n%s", status, r, stderr)
		}
		if r.Times.Ready > 0 {
			break
		}
		if limit > 30*time.Second {
			t.Fatalf("not ready within %s: %+v\n%s", limit, r, stderr)
		}
	}
	for _, name := range []string{"what runs is what was linted", "case bad"} {
		if want := `<testcase name="` + name + `" classname="silent cpu">` + "\n      <skipped message=\"not reached\">"; !strings.Contains(stdout, want) {
			t.Errorf("there is no %s in\n%s", want, stdout)
		}
	}
}
