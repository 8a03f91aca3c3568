package main

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
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
	text, err := os.ReadFile(filepath.Join(root(t), "testdata/smoke/cases.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []smokeCase
	if err := yaml.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	// Cases with arguments of their own need a run of their own.
	together := map[string][]smokeCase{}
	for _, c := range cases {
		key := strings.Join(c.Args, " ")
		together[key] = append(together[key], c)
	}
	for _, key := range slices.Sorted(maps.Keys(together)) {
		group := together[key]
		catalog := t.TempDir()
		args := append([]string{"smoke", "--templates", catalog, "--format", "json", "--verbose"}, group[0].Args...)
		for _, c := range group {
			writeCase(t, catalog, c)
			args = append(args, c.Name)
		}
		_, stdout, stderr := runCommand(t, command(t, args...))
		file, err := record.Read([]byte(stdout))
		if err != nil {
			t.Fatalf("%v\n%s%s", err, stdout, stderr)
		}
		for i, c := range group {
			t.Run(c.Name, func(t *testing.T) { checkCase(t, c, file.Records[i]) })
		}
		if t.Failed() {
			t.Log(stderr)
		}
	}
	checkNothingLeft(t)
}

func checkCase(t *testing.T, c smokeCase, got record.Record) {
	if c.Status == "" {
		c.Status = record.Failed
	}
	if got.Template != c.Name || got.Status != c.Status {
		t.Errorf("%s is %s, want %s is %s", got.Template, got.Status, c.Name, c.Status)
	}
	matches := len(got.Failures) == len(c.Want)
	for i := 0; matches && i < len(c.Want); i++ {
		matches = regexp.MustCompile("^(" + c.Want[i] + ")$").MatchString(got.Failures[i].Kind + ": " + got.Failures[i].Message)
		if got.Failures[i].Remedy == "" {
			t.Errorf("nothing says what to do about %s", got.Failures[i].Kind)
		}
	}
	if !matches {
		t.Errorf("failures:\n%+v\nwant:\n%s", got.Failures, strings.Join(c.Want, "\n"))
	}
	var states, logs string
	for _, s := range got.Services {
		states += s.State + "\n"
		logs += strings.Join(s.Log, "\n") + "\n"
	}
	if !strings.Contains(states, c.State) || !strings.Contains(logs, c.Log) {
		t.Errorf("states:\n%slogs:\n%swant %q and %q", states, logs, c.State, c.Log)
	}
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
	})
	edit(t, filepath.Join(dir, "compose/cpu.yml"), func(project map[string]any) {
		services := project["services"].(map[string]any)
		echo := services["echo"].(map[string]any)
		echo["environment"].(map[string]any)["BEHAVIOR"] = c.Behavior
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
