package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/opengpu-network/templates/pkg/enginetest"
	"github.com/opengpu-network/templates/pkg/programtest"
	"github.com/opengpu-network/templates/pkg/record"
	"go.yaml.in/yaml/v4"
)

// echoCatalog is a catalog with templates that behave as they are named.
func echoCatalog(t testing.TB, behaviors ...string) string {
	t.Helper()
	catalog := t.TempDir()
	for _, behavior := range behaviors {
		writeCase(t, catalog, smokeCase{Name: behavior, Behavior: behavior})
	}
	return catalog
}

// background starts the program and returns when it says what is waited for.
// The rest of what it says is in the function that it returns.
func background(t testing.TB, c *exec.Cmd, until string) (rest func() string) {
	t.Helper()
	stderr, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill() })
	lines := bufio.NewReader(stderr)
	var said strings.Builder
	for !strings.Contains(said.String(), until) {
		line, err := lines.ReadString('\n')
		said.WriteString(line)
		if err != nil {
			t.Fatalf("it never said %q: %s", until, said.String())
		}
	}
	return func() string {
		more, _ := io.ReadAll(lines)
		return said.String() + string(more)
	}
}

// projects lists the smoke projects of which there are containers.
func projects(t testing.TB) (names []string) {
	t.Helper()
	return projectsOf(t, "")
}

// projectsOf lists those of a run whose temporary folder is in dir.
func projectsOf(t testing.TB, dir string) (names []string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "docker", "ps", "-a", "--format", `{{.Label "com.docker.compose.project"}} {{.Label "com.docker.compose.project.working_dir"}}`).Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		if name, where, _ := strings.Cut(strings.TrimSpace(line), " "); strings.HasPrefix(name, "ogpu-smoke-") && strings.HasPrefix(where, dir) {
			names = append(names, name)
		}
	}
	return names
}

func TestSmokeIsInterrupted(t *testing.T) {
	t.Parallel()
	importEcho(t)
	c := command(t, "smoke", "--templates", echoCatalog(t, "silent"), "silent", "-v")
	rest := background(t, c, "case good")
	if err := c.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	said := rest()
	_ = c.Wait()
	if status := c.ProcessState.ExitCode(); status != statusFailed || !strings.Contains(said, "ogpu-tpl: interrupted") {
		t.Errorf("status %d: %s", status, said)
	}
	checkNothingLeft(t)
}

// TestSmokeIsKilled kills a run, and lets the next one clean up, which is another
// user's, while another run goes on, and beside containers and volumes that only
// look alike.
func TestSmokeIsKilled(t *testing.T) {
	t.Parallel()
	importEcho(t)
	catalog := echoCatalog(t, "silent", "good")
	const stranger = "ogpu-smoke-0123456789abcdef0123456789abcdef"
	docker(t, "run", "-d", "--name", stranger, "--label", "com.docker.compose.project="+stranger, echoImage)
	docker(t, "volume", "create", "--label", "com.docker.compose.project=x", "--label", "network.opengpu.smoke=lease", "--label", "network.opengpu.smoke.expires=1", stranger+"-lease")
	defer docker(t, "volume", "rm", stranger+"-lease")
	defer docker(t, "rm", "-f", stranger)

	alive := command(t, "smoke", "--templates", catalog, "silent", "-v")
	background(t, alive, "case good")
	living := projects(t)
	dead := command(t, "smoke", "--templates", catalog, "silent", "-v")
	background(t, dead, "case good")
	if err := dead.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = dead.Wait()
	if now := projects(t); len(now) != len(living)+1 {
		t.Fatalf("there are %v, and there were %v: the killed run left nothing to clean up", now, living)
	}

	status, stdout, stderr := runCommand(t, asAnotherUser(t, "smoke", copyReadable(t)))
	if status != statusClean || !strings.Contains(stderr, "removed what an earlier run left behind: ogpu-smoke-") {
		t.Errorf("status %d: %s%s", status, stdout, stderr)
	}
	if now := projects(t); strings.Join(now, " ") != strings.Join(living, " ") {
		t.Errorf("there are %v, want %v: the stranger, and the run that goes on", now, living)
	}
	docker(t, "volume", "inspect", stranger+"-lease")
	_ = alive.Process.Signal(os.Interrupt)
	_ = alive.Wait()
	if now := projects(t); len(now) != 1 || now[0] != stranger {
		t.Errorf("there are %v, want the stranger", now)
	}
}

// TestSmokeSeesWhatIsChanged changes the container of a run, before its first
// task or during its last: what ran is not what was linted.
func TestSmokeSeesWhatIsChanged(t *testing.T) {
	t.Parallel()
	importEcho(t)
	manifest := map[string]any{"smoke": map[string]any{"ready": "5m", "cases": []any{
		map[string]any{"name": "good", "function": "echo", "input": map[string]any{"text": "x"}, "timeout": "5m"},
	}}}
	t.Cleanup(func() { checkNothingLeft(t) }) // when the sub-tests have ended
	const early, late = "waiting until it is ready", "case good"
	for _, c := range []struct {
		name, behavior, when string
		update               []string // of the container, as docker takes it
		want                 []string
		sent                 record.Status // of the case
	}{
		{"nothing", "held", late, nil, nil, record.Passed},
		{"memory", "held", late, []string{"--memory", "100m", "--memory-swap", "-1"}, []string{"differs: echo: memory is 104857600", "differs: echo: memswap_limit"}, record.Passed},
		{"restart", "held", late, []string{"--restart", "always"}, []string{"differs: echo: restart"}, record.Passed},
		{"early", "opening", early, []string{"--restart", "always"}, []string{"differs: echo: restart"}, record.Skipped},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			catalog, file := t.TempDir(), filepath.Join(t.TempDir(), "record.json")
			writeCase(t, catalog, smokeCase{Name: c.behavior, Behavior: c.behavior, Manifest: manifest})
			run, temporary := command(t, "smoke", "--templates", catalog, "-v", "--record", file), t.TempDir()
			run.Env = append(run.Env, "TMPDIR="+temporary)
			rest := background(t, run, c.when)
			container := strings.Join(projectsOf(t, temporary), " ") + "-echo-1"
			if c.update != nil {
				docker(t, append(append([]string{"update"}, c.update...), container)...)
			}
			docker(t, "kill", "--signal", "USR1", container)
			said := rest()
			_ = run.Wait()
			text, _ := os.ReadFile(file)
			result, err := record.Read(text)
			status := statusClean
			if c.update != nil {
				status = statusFindings
			}
			if err != nil || run.ProcessState.ExitCode() != status {
				t.Fatalf("status %d: %v\n%s%s", run.ProcessState.ExitCode(), err, text, said)
			}
			r := result.Records[0]
			matches := len(r.Failures) == len(c.want)
			for i := 0; matches && i < len(c.want); i++ {
				matches = strings.HasPrefix(r.Failures[i].Kind+": "+r.Failures[i].Message, c.want[i])
			}
			if !matches || r.Cases[0].Status != c.sent {
				t.Errorf("%s\nwant:\n%s", text, strings.Join(c.want, "\n"))
			}
		})
	}
}

// asAnotherUser is a run of the program by a user who may use the machine's engine,
// and has nothing else in common with this one.
func asAnotherUser(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	const nobody = 65534
	socket, err := os.Stat(strings.TrimPrefix(enginetest.Local(t), "unix://"))
	if err != nil {
		t.Fatal(err)
	}
	home, err := os.MkdirTemp("", "ogpu-tpl-test-")
	if err == nil {
		t.Cleanup(func() { _ = os.RemoveAll(home) })
		err = os.Chown(home, nobody, nobody)
	}
	if err != nil {
		t.Fatal(err)
	}
	c := programCommand(t, program(t), []string{"HOME=" + home, "XDG_CACHE_HOME=", "DOCKER_CONFIG="}, args...)
	c.Dir = "/"
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: socket.Sys().(*syscall.Stat_t).Gid}}
	return c
}

// TestSmokeKeepsTheStack keeps one that works, one that fails when it is up, and
// two that never come up, and removes each as the run says. All are kept at once,
// and then removed one by one.
func TestSmokeKeepsTheStack(t *testing.T) {
	t.Parallel()
	importEcho(t)
	plugins := composePlugin(t)
	waits := map[string]any{"image": echoImage, "depends_on": map[string]any{"echo": map[string]any{"condition": "service_healthy"}}}
	for name, value := range readEcho(t) {
		if _, set := waits[name]; !set && name != "ports" {
			waits[name] = value
		}
	}
	cases := []struct {
		smokeCase
		want       []string // the failures' kinds
		containers int
	}{
		{smokeCase{Name: "good"}, nil, 1},
		{smokeCase{Name: "failing", Behavior: "crash"}, []string{"task-error", "task-error"}, 1},
		{smokeCase{Name: "sick", Behavior: "sick", Services: map[string]any{"second": waits}}, []string{"unhealthy"}, 2},
		{smokeCase{Name: "slow", Behavior: "sick", Services: map[string]any{"second": waits}, Manifest: map[string]any{"smoke": map[string]any{"ready": "10s"}}, Compose: map[string]any{
			"healthcheck": map[string]any{"start_period": "60s"},
		}}, []string{"not-ready"}, 2},
	}
	kept := make([]*record.Kept, len(cases))
	t.Run("keep", func(t *testing.T) {
		for i, c := range cases {
			t.Run(c.Name, func(t *testing.T) {
				t.Parallel()
				catalog := t.TempDir()
				writeCase(t, catalog, c.smokeCase)
				edit(t, filepath.Join(catalog, c.Name, "compose/cpu.yml"), func(project map[string]any) {
					merge(project, map[string]any{
						"volumes":  map[string]any{"named": map[string]any{}},
						"services": map[string]any{"echo": map[string]any{"volumes": []any{"named:/named", "/unnamed"}}},
					})
				})
				_, stdout, stderr := runCommand(t, command(t, "smoke", "--templates", catalog, "--keep", "--format", "json"))
				file, err := record.Read([]byte(stdout))
				if err != nil {
					t.Fatalf("%v\n%s%s", err, stdout, stderr)
				}
				var kinds []string
				for _, f := range file.Records[0].Failures {
					kinds = append(kinds, f.Kind)
				}
				kept[i] = file.Records[0].Kept
				if strings.Join(kinds, " ") != strings.Join(c.want, " ") || kept[i] == nil {
					t.Fatalf("it failed with %v and kept %v, want %v: %s", kinds, kept[i], c.want, stdout)
				}
				if response, err := http.Get(kept[i].URL + "/openapi.json"); err != nil || response.StatusCode != http.StatusOK {
					t.Errorf("%v %v", response, err)
				}
			})
		}
	})
	// The next run leaves them alone.
	runCommand(t, command(t, "smoke", "--templates", echoCatalog(t, "good")))
	var there []string
	for i, c := range cases {
		if kept[i] != nil {
			there = append(there, slices.Repeat([]string{kept[i].Project}, c.containers)...)
		}
	}
	for i, c := range cases {
		t.Run("remove/"+c.Name, func(t *testing.T) {
			if kept[i] == nil {
				t.Fatal("it was not kept")
			}
			now := projects(t)
			slices.Sort(now)
			slices.Sort(there)
			if !slices.Equal(now, there) {
				t.Errorf("there are containers of %v, want %v", now, there)
			}
			volumes := mounted(t, kept[i].Project)
			if len(volumes) != 2 {
				t.Errorf("the stack has the volumes %v", volumes)
			}
			if out, err := exec.Command("sh", "-c", "DOCKER_CONFIG="+plugins+" "+kept[i].Remove).CombinedOutput(); err != nil {
				t.Errorf("%s: %v: %s", kept[i].Remove, err, out)
			}
			there = slices.DeleteFunc(there, func(project string) bool { return project == kept[i].Project })
			checkNothingLeftBut(t, there...)
			// Others have volumes of their own on this engine.
			left := strings.Fields(docker(t, "volume", "ls", "-q"))
			for _, volume := range volumes {
				if slices.Contains(left, volume) {
					t.Errorf("the volume %s is left", volume)
				}
			}
		})
	}
	checkNothingLeft(t)
}

// mounted are the volumes of a project's containers, also those without a name.
func mounted(t testing.TB, project string) []string {
	t.Helper()
	containers := strings.Fields(docker(t, "ps", "-aq", "--filter", "label=com.docker.compose.project="+project))
	return strings.Fields(docker(t, append([]string{"inspect", "--format", "{{range .Mounts}}{{.Name}} {{end}}"}, containers...)...))
}

// composePlugin is a folder for DOCKER_CONFIG in which docker finds compose.
func composePlugin(t testing.TB) (dir string) {
	t.Helper()
	return buildOnce(t, "compose", func(dir string) string {
		plugins := filepath.Join(dir, "cli-plugins")
		err := os.Mkdir(plugins, 0o755)
		if err == nil {
			err = os.Symlink(programtest.Build(t, "testdata/smoke/compose", "github.com/docker/compose/v5/cmd"), filepath.Join(plugins, "docker-compose"))
		}
		if err != nil {
			t.Fatal(err)
		}
		return dir
	})
}

// readEcho is the service of the template in testdata/smoke/echo.
func readEcho(t testing.TB) map[string]any {
	t.Helper()
	var project struct {
		Services map[string]map[string]any
	}
	text, err := os.ReadFile(filepath.Join(root(t), "testdata/smoke/echo/compose/cpu.yml"))
	if err == nil {
		err = yaml.Unmarshal(text, &project)
	}
	if err != nil {
		t.Fatal(err)
	}
	return project.Services["echo"]
}

// TestSmokeWritesARecord writes the record and the report to files.
func TestSmokeWritesARecord(t *testing.T) {
	t.Parallel()
	shareEcho(t)
	dir := t.TempDir()
	recordFile, reportFile := filepath.Join(dir, "record.json"), filepath.Join(dir, "report.xml")
	c := command(t, "smoke", "--templates", echoCatalog(t, "good"), "--record", recordFile, "--format", "junit", "--output", reportFile)
	if status, stdout, stderr := runCommand(t, c); status != statusClean || stdout != "" || stderr != "" {
		t.Errorf("status %d: %s%s", status, stdout, stderr)
	}
	text, err := os.ReadFile(recordFile)
	if err != nil {
		t.Fatal(err)
	}
	file, err := record.Read(text)
	if err != nil {
		t.Fatal(err)
	}
	r := file.Records[0]
	if r.Status != record.Passed || r.Hardware != record.Real || !strings.HasPrefix(r.Digest, "sha256:") || r.Engine == nil ||
		len(r.Images) != 1 || len(r.Cases) != 2 || r.Times.Ready <= 0 || r.Peak.Memory <= 0 || r.Host == nil || r.Host.CPUs == 0 {
		t.Errorf("something is missing: %s", text)
	}
	if report, err := os.ReadFile(reportFile); err != nil || !strings.Contains(string(report), "<testsuite") {
		t.Errorf("%s %v", report, err)
	}
}

func docker(t testing.TB, args ...string) string {
	t.Helper()
	out, err := exec.Command("docker", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("docker %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// TestSmokeTellsContainersNothing has a user whose Docker configuration and
// environment hold secrets: none reaches a container.
func TestSmokeTellsContainersNothing(t *testing.T) {
	t.Parallel()
	shareEcho(t)
	config := t.TempDir()
	if err := os.WriteFile(filepath.Join(config, "config.json"), []byte(`{"proxies":{"default":{"httpProxy":"http://user:s3cret@proxy.test:3128"}}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	catalog := t.TempDir()
	writeCase(t, catalog, smokeCase{Name: "environment", Behavior: "environment", Manifest: map[string]any{"smoke": map[string]any{"cases": []any{
		map[string]any{"name": "good", "function": "echo", "input": map[string]any{"text": "x"}, "timeout": "1s"},
	}}}})
	c := command(t, "smoke", "--templates", catalog)
	c.Env = append(c.Env, "DOCKER_CONFIG="+config, "SECRET=s3cret", "HTTP_PROXY=http://user:s3cret@proxy.test:3128", "COMPOSE_PROFILES=s3cret")
	status, stdout, stderr := runCommand(t, c)
	if status != statusFindings || !strings.Contains(stdout, "BEHAVIOR=environment") || strings.Contains(stdout+stderr, "s3cret") {
		t.Errorf("status %d:\n%s%s", status, stdout, stderr)
	}
}

// TestSmokeKeepsItsResults does not begin when they could not be written.
func TestSmokeKeepsItsResults(t *testing.T) {
	for _, args := range [][]string{{"--record", "/nowhere/record.json"}, {"--output", "/nowhere/report"}, {"--output", "x", "--record", "./x"}, {"--record", "/"}} {
		status, stdout, stderr := runCommand(t, command(t, append([]string{"smoke", filepath.Join(root(t), "testdata/smoke/echo")}, args...)...))
		if status != statusUsage || stdout != "" {
			t.Errorf("%v: status %d: %s%s", args, status, stdout, stderr)
		}
	}
}

// TestSmokeIsInterruptedWhileStarting gives up at many moments of the start, and
// leaves nothing behind at any of them.
func TestSmokeIsInterruptedWhileStarting(t *testing.T) {
	t.Parallel()
	importEcho(t)
	catalog := echoCatalog(t, "good")
	edit(t, filepath.Join(catalog, "good/compose/cpu.yml"), func(project map[string]any) {
		merge(project, map[string]any{
			"volumes":  map[string]any{"one": map[string]any{}, "two": map[string]any{}},
			"services": map[string]any{"echo": map[string]any{"volumes": []any{"one:/one", "two:/two"}}},
		})
	})
	t.Cleanup(func() { checkNothingLeft(t) }) // when the sub-tests have ended
	atOnce := make(chan struct{}, 3)
	for i := range 12 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			atOnce <- struct{}{}
			defer func() { <-atOnce }()
			// Several take longer to start than one.
			for delay := time.Duration(i) * 40 * time.Millisecond; ; delay /= 2 {
				c := command(t, "smoke", "--templates", catalog, "-v")
				rest := background(t, c, "starting")
				time.Sleep(delay)
				if err := c.Process.Signal([]os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}[i%3]); err != nil {
					t.Fatal(err)
				}
				said := rest()
				_ = c.Wait()
				if strings.Contains(said, "removing it") && c.ProcessState.ExitCode() == statusClean {
					continue // it had come to its end before: sooner
				}
				if status := c.ProcessState.ExitCode(); status != statusFailed {
					t.Errorf("status %d: %s", status, said)
				}
				return
			}
		})
	}
}
