//go:build linux

package hardware

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/moby/moby/api/types/container"
	"github.com/opengpu-network/templates/pkg/enginetest"
	"github.com/opengpu-network/templates/pkg/record"
)

// TestPretendedAMD makes the device nodes of AMD's driver, without the driver.
func TestPretendedAMD(t *testing.T) {
	lockDevices(t)
	makeNode(t, "/dev/kfd", 235, 0)
	makeNode(t, "/dev/dri/renderD128", 226, 128)
	api := enginetest.Start(t, enginetest.Options{}).Client(t)
	offer, err := Ask(t.Context(), api, DefaultRequest(AMD), labels)
	if err != nil || !offer.Accepted {
		t.Fatalf("offer %+v, %v", offer, err)
	}
	host, err := ReadHost()
	if err != nil {
		t.Fatal(err)
	}
	if got := Decide(AMD, host, offer); len(host.AMD.GPUs) == 0 && (got.Available() || got.Hardware != record.Claimed) {
		t.Errorf("decision %+v", got)
	}
	nothingLeft(t, api)

	binary, err := os.ReadFile(enginetest.Build(t, filepath.Join(testData, "nvidia-smi")))
	if err != nil {
		t.Fatal(err)
	}
	image := smiImage(t, api, binary, nil)
	all := DefaultRequest(AMD)
	for name, c := range map[string]struct {
		nodes []container.DeviceMapping
		want  Visibility
	}{
		"both":        {all.Nodes, Visible},
		"one render":  {[]container.DeviceMapping{all.Nodes[0], {PathOnHost: "/dev/dri/renderD128", PathInContainer: "/dev/dri/renderD128", CgroupPermissions: "rw"}}, Visible},
		"no render":   {all.Nodes[:1], NotVisible},
		"no compute":  {all.Nodes[1:], NotVisible},
		"none":        {nil, NotVisible},
		"another one": {[]container.DeviceMapping{{PathOnHost: "/dev/zero", PathInContainer: "/dev/kfd", CgroupPermissions: "rwm"}, all.Nodes[1]}, NotVisible},
		"read only":   {[]container.DeviceMapping{{PathOnHost: "/dev/kfd", PathInContainer: "/dev/kfd", CgroupPermissions: "r"}, all.Nodes[1]}, NotVisible},
	} {
		got, err := SeesAMD(t.Context(), api, service(t, api, image, "/usr/bin/nvidia-smi", Request{Nodes: c.nodes}))
		if err != nil || got.Visibility != c.want {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// lockDevices lets tests that make device nodes take turns, those of other
// packages too: each removes its own in the end.
func lockDevices(t *testing.T) {
	t.Helper()
	dev, err := os.Open("/dev")
	if err == nil {
		t.Cleanup(func() { dev.Close() })
		err = syscall.Flock(int(dev.Fd()), syscall.LOCK_EX)
	}
	if err != nil {
		t.Fatalf("locking the folder of devices: %v", err)
	}
}

// makeNode makes a device node that no driver stands behind, unless it is there.
func makeNode(t *testing.T, path string, major, minor int) {
	t.Helper()
	if dir := filepath.Dir(path); dir != "/dev" {
		if err := os.Mkdir(dir, 0o755); err == nil {
			t.Cleanup(func() { _ = os.Remove(dir) })
		}
	}
	switch err := syscall.Mknod(path, syscall.S_IFCHR|0o666, major<<8|minor); {
	case errors.Is(err, syscall.EEXIST):
	case err != nil:
		t.Fatalf("making the device node %s: %v", path, err)
	default:
		t.Cleanup(func() { _ = os.Remove(path) })
	}
}
