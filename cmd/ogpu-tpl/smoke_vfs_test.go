package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/moby/moby/client"
	"github.com/opengpu-network/templates/pkg/enginetest"
	"github.com/opengpu-network/templates/pkg/record"
)

// smokeOnVFS runs the template whose image this machine's engine has just built on an
// engine with the storage driver of OpenGPU's provider image, and holds what a run says
// of the disk against what is there.
func smokeOnVFS(t *testing.T) {
	const built, name = "ogpu-tpl-build/document-ocr:1.0.0", "opengpunetwork/document-ocr:1.0.0"
	far := enginetest.Start(t, enginetest.Options{Config: `{"storage-driver": "vfs"}`})
	cli := far.Client(t)
	before := diskUsage(t, far.DataRoot)
	image, err := enginetest.Client(t, enginetest.Local(t)).ImageSave(t.Context(), []string{built})
	if err != nil {
		t.Fatal(err)
	}
	defer image.Close()
	loaded, err := cli.ImageLoad(t.Context(), image)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, loaded); err != nil {
		t.Fatal(err)
	}
	if _, err := cli.ImageTag(t.Context(), client.ImageTagOptions{Source: built, Target: name}); err != nil {
		t.Fatal(err)
	}
	if _, err := cli.ContainerCreate(t.Context(), client.ContainerCreateOptions{Image: name, Name: "one"}); err != nil {
		t.Fatal(err)
	}
	taken := diskUsage(t, far.DataRoot) - before
	if _, err := cli.ContainerRemove(t.Context(), "one", client.ContainerRemoveOptions{}); err != nil {
		t.Fatal(err)
	}

	// The image is there by its name: nothing is to be built.
	dir := filepath.Join(t.TempDir(), "document-ocr")
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(root(t), "templates/document-ocr"))); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "service")); err != nil {
		t.Fatal(err)
	}
	edit(t, filepath.Join(dir, "template.yaml"), func(manifest map[string]any) { delete(manifest, "service") })
	status, stdout, stderr := runCommand(t, programCommand(t, program(t), []string{"DOCKER_HOST=" + far.Host}, "smoke", dir, "--format", "json"))
	file, err := record.Read([]byte(stdout))
	if err != nil || status != statusClean {
		t.Fatalf("status %d: %v\n%s%s", status, err, stdout, stderr)
	}
	// Files take whole blocks, and the engine writes of its own.
	if peak := file.Records[0].Peak; peak.Disk > taken || peak.Disk < taken*85/100 || peak.Disk > peak.DiskStated {
		t.Errorf("the run says %d of %d, and %d are taken", peak.Disk, peak.DiskStated, taken)
	}
	t.Logf("an image of %d bytes takes %d with a container", file.Records[0].Images[0].Size, taken)
}

// diskUsage is what a folder takes on its disk, in bytes.
func diskUsage(t *testing.T, dir string) int64 {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "du", "--summarize", "--block-size=1", dir).Output()
	if err != nil {
		t.Fatal(err)
	}
	bytes, _, _ := strings.Cut(string(out), "\t")
	taken, err := strconv.ParseInt(bytes, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return taken
}
