package enginetest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// TestSecondEngine: a second engine is another one than the machine's, answers
// over TCP, TLS and SSH, runs containers, dies, and leaves nothing behind.
func TestSecondEngine(t *testing.T) {
	local := info(t, Client(t, Local(t)))
	var e *Engine
	t.Run("lives", func(t *testing.T) {
		e = Start(t, Options{})
		address, env := SSH(t, e)
		for _, variable := range env {
			name, value, _ := strings.Cut(variable, "=")
			t.Setenv(name, value)
		}
		for _, host := range []string{e.Socket, e.Host, address} {
			if got := info(t, Client(t, host)); got.Info.ID == local.Info.ID || got.Info.DockerRootDir != e.DataRoot {
				t.Errorf("%s leads to the engine at %s", host, got.Info.DockerRootDir)
			}
		}
		cli := e.Client(t)
		ImportBinary(t, cli, "enginetest:sleep", Build(t, "testdata/sleep"))
		id := runContainer(t, cli, "enginetest:sleep")
		if groups, err := filepath.Glob("/sys/fs/cgroup/*" + e.host.cgroup()); err != nil || len(groups) == 0 {
			if _, err := os.Stat("/sys/fs/cgroup" + e.host.cgroup()); err != nil {
				t.Errorf("the container has no control group where the test looks for it: %v", err)
			}
		}
		if !runsHere(t, id) {
			t.Fatal("the container's shim is not seen: the test cannot see that it ends either")
		}
		e.Kill()
		if _, err := cli.Ping(t.Context(), client.PingOptions{}); err == nil {
			t.Error("the engine answers after its end")
		}
		if runsHere(t, id) {
			t.Error("a container outlived its engine's host")
		}
	})
	if _, err := os.Stat(e.dir); !os.IsNotExist(err) {
		t.Errorf("the engine's folder is left: %v", err)
	}
	for _, pattern := range []string{"/sys/fs/cgroup", "/sys/fs/cgroup/*"} {
		if left, err := filepath.Glob(pattern + e.host.cgroup()); err != nil || len(left) > 0 {
			t.Errorf("control groups are left: %v, %v", left, err)
		}
	}
	for _, args := range [][]string{{"netns", "list"}, {"link", "show"}} {
		out, err := exec.Command("ip", args...).Output()
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(out)) {
			for _, word := range strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" :@\n", r) }) {
				if word == e.host.namespace || word == e.host.cable {
					t.Errorf("left behind: %s", line)
				}
			}
		}
	}
}

// TestOptions: TLS, a small disk, a program on the engine's path, and an end in
// order.
func TestOptions(t *testing.T) {
	path := t.TempDir()
	hook := filepath.Join(path, "nvidia-container-runtime-hook")
	if err := os.WriteFile(hook, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	const size = 64 << 20
	e := Start(t, Options{TLS: true, DataBytes: size, Path: path})
	cli := e.Client(t)
	info(t, cli)
	if _, err := Client(t, e.Host).Ping(t.Context(), client.PingOptions{}); err == nil {
		t.Error("the engine answers without TLS")
	}
	ImportBinary(t, cli, "enginetest:sleep", Build(t, "testdata/sleep"))
	created, err := cli.ContainerCreate(t.Context(), client.ContainerCreateOptions{
		Image: "enginetest:sleep",
		HostConfig: &container.HostConfig{Resources: container.Resources{
			DeviceRequests: []container.DeviceRequest{{Driver: "nvidia", Count: -1, Capabilities: [][]string{{"gpu"}}}},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cli.ContainerStart(t.Context(), created.ID, client.ContainerStartOptions{}); err != nil {
		t.Errorf("the engine does not use the hook on its path: %v", err)
	}
	if free := freeBytes(t, e.DataRoot); free > size {
		t.Errorf("%d bytes are free on a disk of %d", free, size)
	}
	e.Stop()
	if !strings.Contains(e.Log(), "Daemon shutdown complete") {
		t.Errorf("the engine did not end in order:\n%s", e.Log())
	}
}
