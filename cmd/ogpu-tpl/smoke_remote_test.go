package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/moby/moby/client"
	"github.com/opengpu-network/templates/pkg/enginetest"
	"github.com/opengpu-network/templates/pkg/record"
)

// program is ogpu-tpl as it is installed, with the other programs beside it, where any
// user can run it. Both that people notice are this test binary, which has all commands:
// to link them anew takes long. It takes asProgram to run them.
func program(t testing.TB) string {
	t.Helper()
	return buildOnce(t, "installed", func(dir string) string {
		for _, name := range []string{"ogpu-tpl", "ogpu-tpl-full"} {
			linkItself(t, filepath.Join(dir, name))
		}
		enginetest.BuildTo(t, filepath.Join(root(t), "cmd/ogpu-tpl-relay"), filepath.Join(dir, "ogpu-tpl-relay"))
		return filepath.Join(dir, "ogpu-tpl")
	})
}

// linkItself puts this test binary at a path.
func linkItself(t testing.TB, path string) {
	t.Helper()
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if os.Link(own, path) == nil {
		return
	}
	data, err := os.ReadFile(own) // on another file system
	if err == nil {
		err = os.WriteFile(path, data, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// programCommand is a run of that program with variables of its own.
func programCommand(t testing.TB, binary string, env []string, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.CommandContext(t.Context(), binary, args...)
	c.Env = append(append(os.Environ(), asProgram+"=1", "XDG_CACHE_HOME="+t.TempDir()), env...)
	return c
}

// TestSmokeOnAnotherHost runs stacks on a second engine, which has a network of
// its own: nothing of this machine can be reached from it but the engine's
// connection, and its ports cannot be reached from here but through the relay.
func TestSmokeOnAnotherHost(t *testing.T) {
	t.Parallel()
	binary := program(t)
	catalog := echoCatalog(t, "good", "once", "silent", "deaf", "huge")
	far := enginetest.Start(t, enginetest.Options{})
	enginetest.ImportBinary(t, far.Client(t), echoImage, echoBinary(t))
	ssh, sshEnv := enginetest.SSH(t, far)
	config := t.TempDir()
	for _, args := range [][]string{{"context", "create", "far", "--docker", "host=" + far.Host}, {"context", "use", "far"}} {
		docker(t, append([]string{"--config", config}, args...)...)
	}
	kinds := map[string]string{"silent": "no-callback", "deaf": "unhealthy", "huge": "callback-too-large"}
	args := []string{"smoke", "--templates", catalog, "--format", "json"}
	for name := range kinds {
		args = append(args, name)
		edit(t, filepath.Join(catalog, name, "template.yaml"), func(manifest map[string]any) {
			merge(manifest, map[string]any{"smoke": map[string]any{"cases": []any{map[string]any{"name": "good", "function": "echo", "input": map[string]any{"text": "x"}, "timeout": "20s"}}}})
		})
		edit(t, filepath.Join(catalog, name, "compose/cpu.yml"), func(project map[string]any) {
			merge(project, map[string]any{"services": map[string]any{"echo": map[string]any{"deploy": map[string]any{"resources": map[string]any{"limits": map[string]any{"memory": "512mb"}}}}}})
		})
	}
	t.Run("runs", func(t *testing.T) {
		t.Run("ways", func(t *testing.T) {
			t.Parallel()
			for _, way := range []struct {
				name string
				env  []string
			}{
				{"tcp", []string{"DOCKER_HOST=" + far.Host}},
				{"ssh", append([]string{"DOCKER_HOST=" + ssh}, sshEnv...)},
				{"context", []string{"DOCKER_HOST=", "DOCKER_CONFIG=" + config}},
				// On this machine, with a network of its own: as another host.
				{"socket", []string{"DOCKER_HOST=" + far.Socket}},
			} {
				t.Run(way.name, func(t *testing.T) {
					status, stdout, stderr := runCommand(t, programCommand(t, binary, way.env, "smoke", "--templates", catalog, "good", "once", "--format", "json"))
					file, err := record.Read([]byte(stdout))
					if err != nil || status != statusClean {
						t.Fatalf("status %d: %v\n%s%s", status, err, stdout, stderr)
					}
					for _, r := range file.Records {
						if r.Status != record.Passed || !r.Engine.Remote || r.Host.Memory == 0 {
							t.Errorf("%+v", r)
						}
					}
				})
			}
		})
		t.Run("failures", func(t *testing.T) {
			t.Parallel()
			status, stdout, stderr := runCommand(t, programCommand(t, binary, []string{"DOCKER_HOST=" + far.Host}, args...))
			file, err := record.Read([]byte(stdout))
			if err != nil || status != statusFindings || len(file.Records) != len(kinds) {
				t.Fatalf("status %d: %v\n%s%s", status, err, stdout, stderr)
			}
			for _, r := range file.Records {
				if len(r.Failures) != 1 || r.Failures[0].Kind != kinds[r.Template] {
					t.Errorf("%s: %+v\n%s", r.Template, r.Failures, stderr)
				}
			}
		})
	})
	nothingLeft(t, far.Host)

	t.Run("temporary folder", func(t *testing.T) {
		long := filepath.Join(t.TempDir(), strings.Repeat("long", 25))
		if err := os.Mkdir(long, 0o755); err != nil {
			t.Fatal(err)
		}
		for folder, want := range map[string]string{
			"/nowhere": "no temporary folder can be made: stat /nowhere: no such file or directory: name one that can be written with TMPDIR",
			long:       "is too long for a socket in it: " + long,
		} {
			status, stdout, stderr := runCommand(t, programCommand(t, binary, []string{"DOCKER_HOST=" + far.Host, "TMPDIR=" + folder}, "smoke", "--templates", catalog, "good"))
			if status != statusFailed || !strings.Contains(stderr, want) {
				t.Errorf("%s: status %d: %s%s", folder, status, stdout, stderr)
			}
		}
	})

	t.Run("engine goes away", func(t *testing.T) {
		c := programCommand(t, binary, []string{"DOCKER_HOST=" + far.Host}, "smoke", "--templates", catalog, "silent", "-v")
		rest := background(t, c, "case good")
		far.Kill()
		said := rest()
		_ = c.Wait()
		if status := c.ProcessState.ExitCode(); status != statusFailed || !strings.Contains(said, "went away") {
			t.Errorf("status %d: %s", status, said)
		}
	})
}

// nothingLeft makes sure that no smoke run has left anything on an engine.
func nothingLeft(t testing.TB, host string) {
	t.Helper()
	for _, what := range [][]string{{"ps", "-a"}, {"network", "ls"}, {"volume", "ls"}} {
		if out := docker(t, append(append([]string{"--host", host}, what...), "--format", "{{json .}}")...); strings.Contains(out, "ogpu-smoke-") {
			t.Errorf("left behind: %s", out)
		}
	}
}

// TestSmokeOverTLS needs a client's certificate, from the environment.
func TestSmokeOverTLS(t *testing.T) {
	t.Parallel()
	binary := program(t)
	far := enginetest.Start(t, enginetest.Options{TLS: true})
	enginetest.ImportBinary(t, far.Client(t), echoImage, echoBinary(t))
	env := []string{"DOCKER_HOST=" + far.Host, "DOCKER_TLS_VERIFY=1", "DOCKER_CERT_PATH=" + far.CertDir}
	if status, stdout, stderr := runCommand(t, programCommand(t, binary, env, "smoke", "--templates", echoCatalog(t, "good"))); status != statusClean {
		t.Errorf("status %d: %s%s", status, stdout, stderr)
	}
	if status, _, stderr := runCommand(t, programCommand(t, binary, env[:1], "smoke", "--templates", echoCatalog(t, "good"))); status != statusFailed || !strings.Contains(stderr, "cannot be reached") {
		t.Errorf("status %d without a certificate: %s", status, stderr)
	}
}

// TestSmokeAsANewcomer has no engine, no rights, or no GPU.
func TestSmokeAsANewcomer(t *testing.T) {
	t.Parallel()
	binary := program(t)
	shareEcho(t)
	catalog := echoCatalog(t, "good")
	if err := os.Chmod(catalog, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		env    []string
		user   uint32
		args   []string
		status int
		want   string
	}{
		{"no engine", []string{"DOCKER_HOST=unix:///nowhere/docker.sock"}, 0, nil, statusFailed, "install Docker Engine and start it"},
		{"no rights", nil, 65534, nil, statusFailed, "permission denied: add your user to the group docker"},
		{"no GPU", nil, 0, []string{filepath.Join(root(t), "templates/text-to-image")}, statusFailed, "nothing was run: see the reasons above"},
		{"required GPU", nil, 0, []string{filepath.Join(root(t), "templates/text-to-image"), "--require", "nvidia"}, statusFindings, "required"},
		{"named GPU", nil, 0, []string{filepath.Join(root(t), "templates/text-to-image"), "-e", "nvidia"}, statusFindings, "required"},
		{"other environment", nil, 0, []string{filepath.Join(catalog, "good"), "-e", "amd"}, statusUsage, "none of the templates supports"},
		{"no environment", nil, 0, []string{"-e", "tpu"}, statusUsage, "auto"},
		{"no template", nil, 0, []string{"goood"}, statusUsage, "did you mean"},
		{"a compose file", nil, 0, []string{filepath.Join(root(t), "docs/examples/unsafe.yml")}, statusUsage, "belongs to no template"},
	} {
		t.Run(c.name, func(t *testing.T) {
			args := c.args
			if len(args) == 0 {
				args = []string{filepath.Join(root(t), "testdata/smoke/echo")}
			}
			cmd := programCommand(t, binary, c.env, append([]string{"smoke", "--templates", catalog}, args...)...)
			if c.user != 0 {
				cmd.Dir = "/"
				cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: c.user, Gid: c.user}}
				cmd.Args = []string{binary, "smoke", copyReadable(t)}
				cmd.Env = append(cmd.Env, "HOME=/nowhere") // not root's, with a Docker configuration that nobody else may read
			}
			status, stdout, stderr := runCommand(t, cmd)
			if status != c.status || !strings.Contains(stdout+stderr, c.want) {
				t.Errorf("status %d, want %d and %q:\n%s%s", status, c.status, c.want, stdout, stderr)
			}
		})
	}
}

// copyReadable is a copy of the echo template that any user can read.
func copyReadable(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "ogpu-tpl-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	target := filepath.Join(dir, "echo")
	if err := os.CopyFS(target, os.DirFS(filepath.Join(root(t), "testdata/smoke/echo"))); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return target
}

// TestSmokeHere runs the program as it is installed on the engine that is there, of
// whatever kind. One that cannot limit what containers take, as a rootless one without
// control groups of its own, is told so, and nothing passes there.
func TestSmokeHere(t *testing.T) {
	binary := program(t)
	shareEcho(t)
	info, err := enginetest.Client(t, enginetest.Local(t)).Info(t.Context(), client.InfoOptions{})
	if err != nil {
		t.Fatal(err)
	}
	status, stdout, stderr := runCommand(t, programCommand(t, binary, nil, "smoke", "--templates", echoCatalog(t, "good", "once"), "--format", "json"))
	file, err := record.Read([]byte(stdout))
	if err != nil || len(file.Records) != 2 {
		t.Fatalf("status %d: %v\n%s%s", status, err, stdout, stderr)
	}
	limits := info.Info.MemoryLimit && info.Info.PidsLimit && info.Info.CPUCfsQuota
	want := map[bool]int{true: statusClean, false: statusFindings}[limits]
	if status != want {
		t.Errorf("status %d where limits are kept: %v\n%s", status, limits, stderr)
	}
	for _, r := range file.Records {
		if limits != (r.Status == record.Passed) {
			t.Errorf("%+v", r)
		}
		var fields []string
		for _, f := range r.Failures {
			field, _, _ := strings.Cut(strings.TrimPrefix(f.Message, "echo: "), " ")
			fields = append(fields, f.Kind+" "+field)
		}
		slices.Sort(fields)
		if !limits && !slices.Equal(fields, []string{"differs cpus", "differs memory", "differs pids_limit"}) {
			t.Errorf("%+v", r.Failures)
		}
	}
	nothingLeft(t, enginetest.Local(t))
}
