package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/opengpu-network/templates/pkg/record"
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
	out, err := exec.CommandContext(t.Context(), "docker", "ps", "-a", "--format", `{{.Label "com.docker.compose.project"}}`).Output()
	if err != nil {
		t.Fatal(err)
	}
	for name := range strings.Lines(string(out)) {
		if name = strings.TrimSpace(name); strings.HasPrefix(name, "ogpu-smoke-") {
			names = append(names, name)
		}
	}
	return names
}

func TestSmokeIsInterrupted(t *testing.T) {
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

// TestSmokeIsKilled kills a run, and lets the next one clean up, while another
// run goes on, and beside containers and volumes that only look alike.
func TestSmokeIsKilled(t *testing.T) {
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

	next := command(t, "smoke", "--templates", catalog, "good")
	next.Env = dead.Env // its locks are where those of the killed run are
	status, stdout, stderr := runCommand(t, next)
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

func TestSmokeKeepsTheStack(t *testing.T) {
	importEcho(t)
	status, stdout, stderr := runCommand(t, command(t, "smoke", "--templates", echoCatalog(t, "good"), "good", "--keep", "--format", "json"))
	var file record.File
	if err := json.Unmarshal([]byte(stdout), &file); err != nil || status != statusClean {
		t.Fatalf("status %d: %v\n%s%s", status, err, stdout, stderr)
	}
	kept := file.Records[0].Kept
	if kept == nil || kept.Remove != "docker compose -p "+kept.Project+" down --volumes" {
		t.Fatalf("%+v", kept)
	}
	response, err := http.Get(kept.URL + "/openapi.json")
	if err != nil || response.StatusCode != http.StatusOK {
		t.Errorf("%v %v", response, err)
	}
	// The next run leaves it alone.
	runCommand(t, command(t, "smoke", "--templates", echoCatalog(t, "good"), "good"))
	if now := projects(t); len(now) != 1 || now[0] != kept.Project {
		t.Errorf("there are %v, want %s", now, kept.Project)
	}
	docker(t, "rm", "-f", kept.Project+"-echo-1")
	docker(t, "network", "rm", kept.Project+"_default")
	checkNothingLeft(t)
}

// TestSmokeWritesARecord writes the record and the report to files.
func TestSmokeWritesARecord(t *testing.T) {
	importEcho(t)
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
	importEcho(t)
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
	importEcho(t)
	catalog := echoCatalog(t, "good")
	edit(t, filepath.Join(catalog, "good/compose/cpu.yml"), func(project map[string]any) {
		merge(project, map[string]any{
			"volumes":  map[string]any{"one": map[string]any{}, "two": map[string]any{}},
			"services": map[string]any{"echo": map[string]any{"volumes": []any{"one:/one", "two:/two"}}},
		})
	})
	for i := range 12 {
		c := command(t, "smoke", "--templates", catalog, "-v")
		rest := background(t, c, "starting")
		time.Sleep(time.Duration(i) * 20 * time.Millisecond)
		if err := c.Process.Signal([]os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}[i%3]); err != nil {
			t.Fatal(err)
		}
		said := rest()
		_ = c.Wait()
		if status := c.ProcessState.ExitCode(); status != statusFailed {
			t.Errorf("status %d: %s", status, said)
		}
	}
	checkNothingLeft(t)
}
