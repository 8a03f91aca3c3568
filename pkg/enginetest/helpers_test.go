package enginetest

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/moby/moby/client"
)

func info(t *testing.T, cli *client.Client) client.SystemInfoResult {
	t.Helper()
	result, err := cli.Info(t.Context(), client.InfoOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func runContainer(t *testing.T, cli *client.Client, image string) (id string) {
	t.Helper()
	created, err := cli.ContainerCreate(t.Context(), client.ContainerCreateOptions{Image: image})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := cli.ContainerStart(t.Context(), created.ID, client.ContainerStartOptions{}); err != nil {
		t.Fatal(err)
	}
	return created.ID
}

// runsHere is true when a process of this machine names the container.
func runsHere(t *testing.T, id string) bool {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		// A process may end while it is looked at.
		if command, err := os.ReadFile(file); err == nil && strings.Contains(string(command), id) {
			return true
		}
	}
	return false
}

func freeBytes(t *testing.T, dir string) int64 {
	t.Helper()
	var state syscall.Statfs_t
	if err := syscall.Statfs(dir, &state); err != nil {
		t.Fatal(err)
	}
	return int64(state.Bavail) * state.Bsize
}
