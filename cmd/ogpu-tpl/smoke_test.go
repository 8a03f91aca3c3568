package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/opengpu-network/templates/pkg/enginetest"
	"github.com/opengpu-network/templates/pkg/record"
	"go.yaml.in/yaml/v4"
)

// echoImage is what the templates of these tests run.
const echoImage = "opengpunetwork/echo-for-tests:1"

// smokeCase is one entry of testdata/smoke/cases.yaml.
type smokeCase struct {
	Name     string
	Behavior string
	// Compose, Services and Manifest are merged into the template in echo/.
	Compose, Services, Manifest map[string]any
	Args                        []string
	Status                      record.Status
	Want                        []string
	State, Log                  string
	// slowness is how many times as slow as an idle machine this one is; 0 is as 1.
	slowness int
}

// command is the program as another process: smoke runs change their process's
// environment, and some are killed.
func command(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), executable, args...)
	c.Env = append(os.Environ(), asProgram+"=1", "XDG_CACHE_HOME="+t.TempDir())
	c.WaitDelay = 10 * time.Second
	return c
}

// runCommand runs the program as another process.
func runCommand(t testing.TB, c *exec.Cmd) (status int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	c.Stdout, c.Stderr = &out, &err
	if runErr := c.Run(); runErr != nil && c.ProcessState == nil {
		t.Fatal(runErr)
	}
	return c.ProcessState.ExitCode(), out.String(), err.String()
}

// importEcho puts the service of these tests on the machine's engine.
func importEcho(t testing.TB) {
	t.Helper()
	enginetest.Exclusive(t)
	useEcho(t)
}

// echoUsers counts the tests that run with that service: the last takes it away.
var echoUsers struct {
	sync.Mutex
	count int
}

// shareEcho is importEcho for a test that looks at its own runs alone: others may
// have theirs on the engine.
func shareEcho(t testing.TB) {
	t.Helper()
	enginetest.Shared(t)
	useEcho(t)
}

func useEcho(t testing.TB) {
	t.Helper()
	binary := echoBinary(t)
	users := &echoUsers
	users.Lock()
	defer users.Unlock()
	if users.count == 0 {
		enginetest.ImportShared(t, echoImage, binary)
	}
	users.count++
	t.Cleanup(func() {
		users.Lock()
		defer users.Unlock()
		if users.count--; users.count == 0 {
			enginetest.RemoveShared(t, echoImage)
		}
	})
}

// echoBinary is that service.
func echoBinary(t testing.TB) string {
	t.Helper()
	return buildGo(t, "testdata/smoke/service", "echo")
}

// TestSmokeCases runs all cases of testdata/smoke/cases.yaml at once, and so
// also shows that runs do not disturb each other.
func TestSmokeCases(t *testing.T) {
	importEcho(t)
	// Cases with arguments of their own need a run of their own.
	together := map[string][]string{}
	for _, c := range smokeCases(t, 1) {
		key := strings.Join(c.Args, " ")
		together[key] = append(together[key], c.Name)
	}
	for _, key := range slices.Sorted(maps.Keys(together)) {
		wrong, stderr := runCases(t, together[key])
		for _, name := range together[key] {
			t.Run(name, func(t *testing.T) {
				for _, text := range wrong[name] {
					t.Error(text)
				}
			})
		}
		if t.Failed() {
			t.Log(stderr)
		}
	}
	checkNothingLeft(t)
}

// runCases runs cases together, and returns what is wrong with each. Their limits
// are seconds, which mean something only where the machine keeps up: when it was
// slower than was thought, they are run again.
func runCases(t *testing.T, names []string) (wrong map[string][]string, stderr string) {
	t.Helper()
	for slowness := slownessOfSmoke(t); ; {
		wrong, stderr = runCasesOnce(t, names, slowness)
		if len(wrong) == 0 {
			return nil, stderr
		}
		now := slownessOfSmoke(t)
		if now <= slowness {
			return wrong, stderr
		}
		t.Logf("the machine is %d times as slow as when idle, and not %d: once more", now, slowness)
		slowness = now
	}
}

func runCasesOnce(t *testing.T, names []string, slowness int) (wrong map[string][]string, stderr string) {
	t.Helper()
	var group []smokeCase
	for _, c := range smokeCases(t, slowness) {
		if slices.Contains(names, c.Name) {
			group = append(group, c)
		}
	}
	catalog := t.TempDir()
	args := append([]string{"smoke", "--templates", catalog, "--format", "json", "--verbose"}, group[0].Args...)
	for _, c := range group {
		writeCase(t, catalog, c)
		args = append(args, c.Name)
	}
	_, stdout, stderr := runCommand(t, command(t, args...))
	file, err := record.Read([]byte(stdout))
	if err != nil || len(file.Records) != len(group) {
		t.Fatalf("%v\n%s%s", err, stdout, stderr)
	}
	wrong = map[string][]string{}
	for i, c := range group {
		if found := checkCase(c, file.Records[i]); len(found) > 0 {
			wrong[c.Name] = found
		}
	}
	return wrong, stderr
}

const (
	// idleSmoke is more than a good run takes on two idle cores, as docs/performance.md
	// has it.
	idleSmoke = 2 * time.Second
	// slowest is where a limit of the program's own, which does not grow with the
	// machine's slowness, would come first: see lateLimit in pkg/smoke.
	slowest = 9
)

// slownessOfSmoke is how many times as long as on an idle machine a smoke run takes now.
func slownessOfSmoke(t *testing.T) int {
	t.Helper()
	catalog := t.TempDir()
	writeCase(t, catalog, smokeCase{Name: "good", slowness: slowest})
	started := time.Now()
	if status, stdout, stderr := runCommand(t, command(t, "smoke", "--templates", catalog, "good")); status != statusClean {
		t.Fatalf("a good run: status %d\n%s%s", status, stdout, stderr)
	}
	return min(slowest, 1+int(time.Since(started)/idleSmoke))
}

// marked is a duration of testdata/smoke/cases.yaml that grows with the machine's slowness.
var marked = regexp.MustCompile(`\b(\d+)s~`)

// smokeCases reads the cases for a machine that is so many times as slow as an idle one.
func smokeCases(t testing.TB, slowness int) (cases []smokeCase) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root(t), "testdata/smoke/cases.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	text = marked.ReplaceAllFunc(text, func(duration []byte) []byte {
		return []byte(longer(t, strings.TrimSuffix(string(duration), "~"), slowness))
	})
	if err := yaml.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	for i := range cases {
		cases[i].slowness = slowness
	}
	return cases
}

// longer is a duration so many times as long, as the program writes it.
func longer(t testing.TB, duration string, times int) string {
	t.Helper()
	d, err := time.ParseDuration(duration)
	if err != nil {
		t.Fatal(err)
	}
	text := (d * time.Duration(times)).String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	return text
}

// checkCase tells what is wrong with the record of a case.
func checkCase(c smokeCase, got record.Record) (wrong []string) {
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	if c.Status == "" {
		c.Status = record.Failed
	}
	if got.Template != c.Name || got.Status != c.Status {
		say("%s is %s, want %s is %s", got.Template, got.Status, c.Name, c.Status)
	}
	matches := len(got.Failures) == len(c.Want)
	for i := 0; matches && i < len(c.Want); i++ {
		matches = regexp.MustCompile("^(" + c.Want[i] + ")$").MatchString(got.Failures[i].Kind + ": " + got.Failures[i].Message)
		if got.Failures[i].Remedy == "" {
			say("nothing says what to do about %s", got.Failures[i].Kind)
		}
	}
	if !matches {
		say("failures:\n%+v\nwant:\n%s", got.Failures, strings.Join(c.Want, "\n"))
	}
	var states, logs string
	for _, s := range got.Services {
		states += s.State + "\n"
		logs += strings.Join(s.Log, "\n") + "\n"
	}
	if !strings.Contains(states, c.State) || !strings.Contains(logs, c.Log) {
		say("states:\n%slogs:\n%swant %q and %q", states, logs, c.State, c.Log)
	}
	return wrong
}

// writeCase writes the template of a case into a catalog.
func writeCase(t testing.TB, catalog string, c smokeCase) {
	t.Helper()
	base := filepath.Join(root(t), "testdata/smoke/echo")
	dir := filepath.Join(catalog, c.Name)
	if err := os.CopyFS(dir, os.DirFS(base)); err != nil {
		t.Fatal(err)
	}
	edit(t, filepath.Join(dir, "template.yaml"), func(manifest map[string]any) {
		manifest["name"] = c.Name
		merge(manifest, c.Manifest)
		smoke := manifest["smoke"].(map[string]any)
		for _, limited := range append([]any{smoke}, smoke["cases"].([]any)...) {
			for key, value := range limited.(map[string]any) {
				if key == "ready" || key == "timeout" {
					limited.(map[string]any)[key] = longer(t, value.(string), max(1, c.slowness))
				}
			}
		}
	})
	edit(t, filepath.Join(dir, "compose/cpu.yml"), func(project map[string]any) {
		services := project["services"].(map[string]any)
		echo := services["echo"].(map[string]any)
		environment := echo["environment"].(map[string]any)
		environment["BEHAVIOR"], environment["SLOWNESS"] = c.Behavior, strconv.Itoa(max(1, c.slowness))
		merge(echo, c.Compose)
		merge(services, c.Services)
	})
}

// edit changes a YAML file.
func edit(t testing.TB, file string, change func(map[string]any)) {
	t.Helper()
	var content map[string]any
	text, err := os.ReadFile(file)
	if err == nil {
		err = yaml.Unmarshal(text, &content)
	}
	if err != nil {
		t.Fatal(err)
	}
	change(content)
	if text, err = yaml.Marshal(content); err == nil {
		err = os.WriteFile(file, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// merge is a JSON merge patch: null removes.
func merge(into, patch map[string]any) {
	for key, value := range patch {
		inner, isMap := value.(map[string]any)
		old, wasMap := into[key].(map[string]any)
		switch {
		case value == nil:
			delete(into, key)
		case isMap && wasMap:
			merge(old, inner)
		default:
			into[key] = value
		}
	}
}

// checkNothingLeft makes sure that no smoke run has left anything.
func checkNothingLeft(t testing.TB) {
	t.Helper()
	checkNothingLeftBut(t)
}

// checkNothingLeftBut leaves out what belongs to projects.
func checkNothingLeftBut(t testing.TB, projects ...string) {
	t.Helper()
	for _, what := range [][]string{{"ps", "-a"}, {"network", "ls"}, {"volume", "ls"}} {
		out, err := exec.Command("docker", append(what, "--format", "{{json .}}")...).Output()
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(out)) {
			if strings.Contains(line, "ogpu-smoke-") && !slices.ContainsFunc(projects, func(project string) bool { return strings.Contains(line, project) }) {
				t.Errorf("left behind: %s", line)
			}
		}
	}
}
