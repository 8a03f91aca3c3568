package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/opengpu-network/templates/cmd/internal/app"
	"github.com/opengpu-network/templates/cmd/internal/full"
)

// alone runs the program without ogpu-tpl-full, as a function.
func alone(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	status = app.Main(context.Background(), append([]string{"ogpu-tpl"}, args...), World{
		In: strings.NewReader(""), Out: &out, Err: &err, Getenv: func(string) string { return "" },
	}, nil)
	return status, out.String(), err.String()
}

// TestCommandsOfBothPrograms: what people type is one program. Its help and what it
// completes do not depend on which of the two has a command.
func TestCommandsOfBothPrograms(t *testing.T) {
	for _, args := range [][]string{nil, {"--help"}, {"--version"}, {"lint", "--help"}, {"frezze"}, {app.CompletionFlag}} {
		status, stdout, stderr := run(t, args...)
		aloneStatus, aloneOut, aloneErr := alone(t, args...)
		if status != aloneStatus || stdout != aloneOut || stderr != aloneErr {
			t.Errorf("%q: %d %s%s\nwithout ogpu-tpl-full: %d %s%s", args, status, stdout, stderr, aloneStatus, aloneOut, aloneErr)
		}
	}
	var listed []string
	for _, command := range newApp(World{}).Commands {
		if command.Action == nil {
			t.Errorf("%s is in no program", command.Name)
		}
		listed = append(listed, command.Name)
	}
	for _, command := range (full.Program{}).Commands(World{}) {
		if !slices.Contains(listed, command.Name) {
			t.Errorf("help does not know of %s", command.Name)
		}
	}
}

// installation is a folder with the program, and with ogpu-tpl-full beside it unless
// a test takes it away.
func installation(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for _, name := range []string{"ogpu-tpl", "ogpu-tpl-full"} {
		linkItself(t, filepath.Join(dir, name))
	}
	return dir
}

// TestHandOver runs the program as it is installed, with commands that ogpu-tpl-full has.
func TestHandOver(t *testing.T) {
	beside(t)
	_, help, _ := run(t, "smoke", "--help")
	_, flags, _ := run(t, "smoke", "-", app.CompletionFlag)
	const missing = "this needs ogpu-tpl-full, which is not beside this program in "
	const address = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
	nowhere := []string{"--network", "devnet", "--rpc-url", "http://127.0.0.1:1"}
	for _, c := range []struct {
		name    string
		prepare func(dir string) error
		args    []string
		status  int
		out     string // all of it
		err     string // a part of it
	}{
		{"help", nil, []string{"smoke", "--help"}, statusClean, help, ""},
		{"completion", nil, []string{"smoke", "-", app.CompletionFlag}, statusClean, flags, ""},
		{"wrong usage", nil, []string{"smoke", "--wrogn"}, statusUsage, "", "unknown flag --wrogn; see ogpu-tpl smoke --help"},
		{"a source", nil, append([]string{"lint", address}, nowhere...), statusFailed, "", "connection refused"},
		{"flags first", nil, append(append([]string{"lint"}, nowhere...), address), statusFailed, "", "connection refused"},

		{"missing", removeFull, []string{"smoke", "document-ocr"}, statusFailed, "", missing},
		{"missing for help", removeFull, []string{"smoke", "--help"}, statusFailed, "", "`go install ./cmd/...` in a clone installs"},
		{"missing for completion", removeFull, []string{"smoke", "-", app.CompletionFlag}, statusClean, "", ""},
		{"missing for a source", removeFull, []string{"lint", address}, statusFailed, "", missing},
		{"not missed", removeFull, []string{"lint", "--network", "devnet"}, statusUsage, "", "--network is for sources on a chain"},

		{"a link", func(dir string) error {
			return errors.Join(os.Rename(filepath.Join(dir, "ogpu-tpl-full"), filepath.Join(dir, "x")), os.Symlink("x", filepath.Join(dir, "ogpu-tpl-full")))
		}, []string{"smoke", "--help"}, statusFailed, "", "must be a regular file of this program's owner"},
		{"a folder", func(dir string) error {
			return errors.Join(removeFull(dir), os.Mkdir(filepath.Join(dir, "ogpu-tpl-full"), 0o755))
		}, []string{"smoke", "--help"}, statusFailed, "", "must be a regular file of this program's owner"},
		{"writable by all", replaceFull("#!/bin/sh\necho evil\n", 0o777), []string{"smoke", "--help"}, statusFailed, "", "that not everybody may write"},
		{"no program", replaceFull("nothing\n", 0o755), []string{"smoke", "--help"}, statusFailed, "", "cannot be started"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, work := installation(t), t.TempDir()
			if c.prepare != nil {
				if err := c.prepare(dir); err != nil {
					t.Fatal(err)
				}
			}
			// What must not be found: in the working folder, on the path, and beside a link.
			for _, folder := range []string{work, filepath.Join(work, "bin")} {
				gitRepo{t, folder}.write("ogpu-tpl-full", "#!/bin/sh\necho evil\n")
				if err := os.Chmod(filepath.Join(folder, "ogpu-tpl-full"), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			link := filepath.Join(work, "bin", "ogpu-tpl")
			if err := os.Symlink(filepath.Join(dir, "ogpu-tpl"), link); err != nil {
				t.Fatal(err)
			}
			for _, program := range []string{filepath.Join(dir, "ogpu-tpl"), link} {
				command := exec.CommandContext(t.Context(), program, c.args...)
				command.Dir = work
				command.Env = append(os.Environ(), asProgram+"=1", "PATH="+filepath.Join(work, "bin")+":"+work+":"+os.Getenv("PATH"))
				status, stdout, stderr := runCommand(t, command)
				if status != c.status || stdout != c.out || !strings.Contains(stderr, c.err) || (c.err == "") != (stderr == "") {
					t.Errorf("%s: status %d, want %d and %q: %s%s", program, status, c.status, c.err, stdout, stderr)
				}
			}
		})
	}
}

func removeFull(dir string) error { return os.Remove(filepath.Join(dir, "ogpu-tpl-full")) }

// replaceFull puts a file in ogpu-tpl-full's place.
func replaceFull(text string, mode os.FileMode) func(dir string) error {
	return func(dir string) error {
		path := filepath.Join(dir, "ogpu-tpl-full")
		return errors.Join(removeFull(dir), os.WriteFile(path, []byte(text), 0o755), os.Chmod(path, mode))
	}
}

// TestHandOverIsTheSameProcess: what runs is one process under the number that was started,
// signals reach it, and it has no other build's program in it.
func TestHandOverIsTheSameProcess(t *testing.T) {
	beside(t)
	dir := installation(t)
	command := exec.CommandContext(t.Context(), filepath.Join(dir, "ogpu-tpl"), "devnet", "--rpc-address", "127.0.0.1:0", "--files-address", "127.0.0.1:0")
	command.Env = append(os.Environ(), asProgram+"=1", app.KeyVariable+"=a-secret", app.PasswordVariable+"=another-secret")
	var out lockedBuffer
	command.Stdout, command.Stderr = &out, &out
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	until(t, "the devnet runs", func() bool { return strings.Contains(out.String(), "gateway") })
	process := filepath.Join("/proc", strconv.Itoa(command.Process.Pid))
	if path, err := os.Readlink(filepath.Join(process, "exe")); err != nil || filepath.Base(path) != "ogpu-tpl-full" {
		t.Errorf("it is %s: %v", path, err)
	}
	if environment := read(t, filepath.Join(process, "environ")); strings.Contains(environment, "secret\x00") || strings.Contains(environment, "a-secret") {
		t.Errorf("its environment shows the secrets: %q", environment)
	}
	if err := command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := command.Wait(); err != nil {
		t.Errorf("%v: %s", err, out.String())
	}
}

// TestHandOverToAnotherBuild: a program that was installed at another time says so, and
// does nothing.
func TestHandOverToAnotherBuild(t *testing.T) {
	beside(t)
	command := exec.CommandContext(t.Context(), filepath.Join(installation(t), "ogpu-tpl-full"), "completion", "bash")
	command.Env = append(os.Environ(), asProgram+"=1", "OGPU_TPL_BUILD=v0.1.0 abc\x1b false")
	if status, stdout, stderr := runCommand(t, command); status != statusFailed || stdout != "" || !strings.Contains(stderr, `is of another build`) || !strings.Contains(stderr, `"v0.1.0 abc\x1b false"`) {
		t.Errorf("status %d: %s%s", status, stdout, stderr)
	}
}
