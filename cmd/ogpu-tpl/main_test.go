package main

import (
	"bytes"
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sirupsen/logrus"
)

// update is -update: write what the program says as what is expected. A
// library that Compose draws in has defined the flag before.
func update() bool { return flag.Lookup("update").Value.String() == "true" }

// today is the day on which every test runs.
var today = time.Date(2026, time.December, 1, 12, 0, 0, 0, time.UTC)

// asProgram makes the test binary the program itself.
const asProgram = "OGPU_TPL_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	logrus.SetOutput(io.Discard)
	os.Exit(m.Run())
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
