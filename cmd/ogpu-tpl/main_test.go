package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/opengpu-network/templates/cmd/internal/app"
	"github.com/opengpu-network/templates/cmd/internal/full"
	"github.com/opengpu-network/templates/pkg/enginetest"
	"github.com/sirupsen/logrus"
)

// update is -update: write what the program says as what is expected. A
// library that Compose draws in has defined the flag before.
func update() bool { return flag.Lookup("update").Value.String() == "true" }

// today is the day on which every test runs.
var today = time.Date(2026, time.December, 1, 12, 0, 0, 0, time.UTC)

// silent is for servers whose clients go away before they are served.
var silent = log.New(io.Discard, "", 0)

const (
	// asProgram makes the test binary the program itself: by its name ogpu-tpl, which has
	// the commands that need files alone, or else the one with all.
	asProgram = "OGPU_TPL_TEST_AS_PROGRAM"
	// inWorld makes it what run runs: its value is the environment, as JSON.
	inWorld = "OGPU_TPL_TEST_IN_WORLD"
)

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		if filepath.Base(must(os.Executable())) == "ogpu-tpl" {
			app.Run(nil)
		}
		app.Run(full.Program{})
	}
	logrus.SetOutput(io.Discard)
	debug.SetGCPercent(app.GCPercent) // as the program has it
	if text, ok := os.LookupEnv(inWorld); ok {
		os.Unsetenv(inWorld)
		os.Exit(mainIn(text))
	}
	flag.Parse()
	parallel := false
	flag.Visit(func(f *flag.Flag) { parallel = parallel || f.Name == "test.parallel" })
	if !parallel {
		// Most tests wait: for an engine, a chain, a time-out. Those that compute
		// take turns; see beside.
		_ = flag.Set("test.parallel", "64")
	}
	status := m.Run()
	_ = os.RemoveAll(builtOnce.dir)
	os.Exit(status)
}

func must(path string, err error) string {
	if err != nil {
		panic(err)
	}
	return path
}

// turns are how many tests run beside others at once.
var turns = make(chan struct{}, 3)

// beside is for tests that have all that they touch for themselves, and compute: they
// run beside others, a few at a time. A test with sub-tests that run beside others
// leaves the turns to these.
func beside(t *testing.T) {
	t.Helper()
	t.Parallel()
	turns <- struct{}{}
	t.Cleanup(func() { <-turns })
}

// builtOnce are programs that are built once for all tests, in folders that any user
// may read.
var builtOnce struct {
	mu    sync.Mutex
	dir   string
	paths map[string]string
}

// buildOnce returns the path that build returns for a folder of its own, and calls it only
// once for each name.
func buildOnce(t testing.TB, name string, build func(dir string) (path string)) string {
	t.Helper()
	b := &builtOnce
	b.mu.Lock()
	defer b.mu.Unlock()
	if path, ok := b.paths[name]; ok {
		return path
	}
	if b.dir == "" {
		dir, err := os.MkdirTemp("", "ogpu-tpl-test-")
		if err == nil {
			err = os.Chmod(dir, 0o755)
		}
		if err != nil {
			t.Fatal(err)
		}
		b.dir, b.paths = dir, map[string]string{}
	}
	dir := filepath.Join(b.dir, name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	path := build(dir)
	b.paths[name] = path
	return path
}

// buildGo builds the Go program in a folder of this repository, under a name.
func buildGo(t testing.TB, folder, name string) string {
	t.Helper()
	return buildOnce(t, name, func(dir string) string {
		path := filepath.Join(dir, name)
		enginetest.BuildTo(t, filepath.Join(root(t), folder), path)
		return path
	})
}

// run runs the program as a user would, in this process.
func run(t testing.TB, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	return runWith(t, nil, args...)
}

func runWith(t testing.TB, env map[string]string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	status = Main(context.Background(), append([]string{"ogpu-tpl"}, args...), World{
		In: strings.NewReader(""), Out: &out, Err: &err,
		Getenv: func(name string) string { return env[name] },
		Now:    func() time.Time { return today },
	})
	return status, out.String(), err.String()
}

// mainIn is what runWith runs, in a process of its own.
func mainIn(env string) int {
	var variables map[string]string
	if err := json.Unmarshal([]byte(env), &variables); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return statusFailed
	}
	return Main(context.Background(), append([]string{"ogpu-tpl"}, os.Args[1:]...), World{
		In: strings.NewReader(""), Out: os.Stdout, Err: os.Stderr,
		Getenv: func(name string) string { return variables[name] },
		Now:    func() time.Time { return today },
	})
}

// runIn is run in a folder, in a process of its own: so others may run beside it.
func runIn(t testing.TB, dir string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	return runInWith(t.Context(), t, dir, nil, args...)
}

func runInWith(ctx context.Context, t testing.TB, dir string, env map[string]string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	executable, variable := itself(t, env)
	c := exec.CommandContext(ctx, executable, args...)
	c.Dir, c.Env, c.WaitDelay = dir, append(os.Environ(), variable), 10*time.Second
	return runCommand(t, c)
}

// itself is this test binary, and the variable that makes it what run runs.
func itself(t testing.TB, env map[string]string) (executable, variable string) {
	t.Helper()
	text, err := json.Marshal(env)
	if err != nil {
		t.Fatal(err)
	}
	if executable, err = os.Executable(); err != nil {
		t.Fatal(err)
	}
	return executable, inWorld + "=" + string(text)
}

// root is the repository's root.
func root(t testing.TB) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// golden compares text with a file under testdata, or writes it.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if update() {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s differs (- is expected, + is what the program says; -update writes it):\n%s", file, diff)
	}
}
