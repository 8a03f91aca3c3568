//go:build linux

package hardware

import (
	"archive/tar"
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/moby/moby/client"
)

// The label's value has what a Dockerfile would read as something else.
const (
	project      = `hardware-"test" $HOME`
	projectLabel = "com.docker.compose.project=" + project
)

var labels = map[string]string{"com.docker.compose.project": project}

// smiImage makes an image with the stand-in for nvidia-smi and the environment
// that drives it.
func smiImage(t testing.TB, api client.APIClient, binary []byte, env map[string]string) string {
	t.Helper()
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	if err := w.WriteHeader(&tar.Header{Name: "usr/bin/nvidia-smi", Mode: 0o755, Size: int64(len(binary))}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(binary); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var changes []string
	for key, value := range env {
		changes = append(changes, "ENV "+key+"="+quoted(value))
	}
	return importImage(t, api, &archive, changes)
}

func importImage(t testing.TB, api client.APIClient, archive *bytes.Buffer, changes []string) string {
	t.Helper()
	id, err := load(t.Context(), api, archive, changes)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := api.ImageRemove(context.Background(), id, client.ImageRemoveOptions{Force: true}); err != nil {
			t.Errorf("removing an image: %v", err)
		}
	})
	return id
}

// nothingLeft fails when a container or an image is left on the engine.
func nothingLeft(t *testing.T, api client.APIClient) {
	t.Helper()
	filters := client.Filters{}.Add("label", projectLabel)
	containers, err := api.ContainerList(t.Context(), client.ContainerListOptions{All: true, Filters: filters})
	if err != nil {
		t.Fatal(err)
	}
	images, err := api.ImageList(t.Context(), client.ImageListOptions{All: true, Filters: filters})
	if err != nil {
		t.Fatal(err)
	}
	if len(containers.Items) > 0 || len(images.Items) > 0 {
		t.Errorf("left behind: %d containers, %d images", len(containers.Items), len(images.Items))
	}
}

// await returns when the watch has looked often enough.
func await(t *testing.T, w *Watch, samples int64) {
	t.Helper()
	deadline := time.After(time.Minute)
	for w.Peak().Samples < samples {
		select {
		case <-w.done:
			_, err := w.Stop()
			t.Fatalf("the watch ended: %v", err)
		case <-deadline:
			t.Fatalf("the watch saw %+v only", w.Peak())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// awaitRunning returns when a container of the tests runs.
func awaitRunning(t *testing.T, api client.APIClient) {
	t.Helper()
	filters := client.Filters{}.Add("label", projectLabel).Add("status", "running")
	for deadline := time.After(time.Minute); ; {
		found, err := api.ContainerList(t.Context(), client.ContainerListOptions{Filters: filters})
		if err != nil {
			t.Fatal(err)
		}
		if len(found.Items) > 0 {
			return
		}
		select {
		case <-deadline:
			t.Fatal("no container runs")
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// service starts a container that stays until the test ends.
func service(t testing.TB, api client.APIClient, image, program string, request Request) string {
	t.Helper()
	id, err := create(t.Context(), api, Probe{Image: image, Request: request, Labels: labels}, program, []string{"stay"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { remove(context.Background(), api, id) })
	if _, err := api.ContainerStart(t.Context(), id, client.ContainerStartOptions{}); err != nil {
		t.Fatal(err)
	}
	return id
}

func write(w *tar.Writer, data []byte) error {
	_, err := w.Write(data)
	return err
}
