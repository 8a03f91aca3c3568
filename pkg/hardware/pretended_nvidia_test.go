//go:build linux

package hardware

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/opengpu-network/templates/pkg/enginetest"
	"github.com/opengpu-network/templates/pkg/record"
)

// TestPretendedNVIDIA has an engine that accepts GPU requests, because a stub of
// the toolkit's hook is on its path, and hands out nothing.
func TestPretendedNVIDIA(t *testing.T) {
	hook, err := filepath.Abs(filepath.Join(testData, "hook"))
	if err != nil {
		t.Fatal(err)
	}
	api := enginetest.Start(t, enginetest.Options{Path: hook}).Client(t)
	binary, err := os.ReadFile(enginetest.Build(t, filepath.Join(testData, "nvidia-smi")))
	if err != nil {
		t.Fatal(err)
	}
	request := DefaultRequest(NVIDIA)
	probe := func(t *testing.T, env map[string]string) Probe {
		return Probe{Image: smiImage(t, api, binary, env), Request: request, Labels: labels}
	}

	t.Run("the engine accepts and the kernel denies", func(t *testing.T) {
		offer, err := Ask(t.Context(), api, request, labels)
		if err != nil || !offer.Known || !offer.Accepted {
			t.Fatalf("offer %+v, %v", offer, err)
		}
		host, err := ReadHost()
		if err != nil {
			t.Fatal(err)
		}
		if got := Decide(NVIDIA, host, offer); len(host.NVIDIA.GPUs) == 0 && (got.Available() || got.Hardware != record.Claimed) {
			t.Errorf("decision %+v", got)
		}
		nothingLeft(t, api)
	})
	t.Run("an unknown driver is refused", func(t *testing.T) {
		offer, err := Ask(t.Context(), api, Request{Devices: []container.DeviceRequest{{Driver: "tpu", Count: -1, Capabilities: [][]string{{"gpu"}}}}}, labels)
		if err != nil || !offer.Known || offer.Accepted || !strings.Contains(offer.How, "tpu") {
			t.Errorf("offer %+v, %v", offer, err)
		}
		nothingLeft(t, api)
	})
	t.Run("baseline", func(t *testing.T) {
		got, err := probe(t, map[string]string{"FAKE_USED": "1024"}).Baseline(t.Context(), api)
		if err != nil || len(got) != 1 || got[0] != (Reading{uuid, "Pretended GPU", 80 << 30, 1 << 30, "535.104.12", "9.0"}) {
			t.Fatalf("readings %+v, %v", got, err)
		}
		if err := Contradicts(got, facts(t, "none")); err == nil {
			t.Error("a kernel without a driver does not contradict")
		}
		nothingLeft(t, api)
	})
	t.Run("old driver", func(t *testing.T) {
		got, err := probe(t, map[string]string{"FAKE_OLD": "1"}).Baseline(t.Context(), api)
		if err != nil || len(got) != 1 || got[0] != (Reading{uuid, "Pretended GPU", 80 << 30, 4 << 20, "465.19.01", ""}) {
			t.Errorf("readings %+v, %v", got, err)
		}
	})
	t.Run("what cannot be told", func(t *testing.T) {
		for name, p := range map[string]Probe{
			"no driver":  probe(t, map[string]string{"FAKE_STATUS": "9", "FAKE_STDERR": "NVIDIA-SMI has failed"}),
			"MIG":        probe(t, map[string]string{"FAKE_USED": "[N/A]"}),
			"no program": {Image: importImage(t, api, emptyArchive(), nil), Request: request, Labels: labels},
		} {
			if got, err := p.Baseline(t.Context(), api); !errors.Is(err, ErrUntold) {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
		}
	})
	t.Run("lies are refused", func(t *testing.T) {
		for _, lie := range []string{"endless-line", "endless-lines", "endless-errors", "UUID, GPU, 100, -4, 535.1, 9.0", "UUID, GPU, NaN, 4, 535.1, 9.0", "UUID, GPU", "hello"} {
			got, err := probe(t, map[string]string{"FAKE_LIE": lie}).Baseline(t.Context(), api)
			if err == nil || errors.Is(err, ErrUntold) {
				t.Errorf("%s: %+v, %v", lie, got, err)
			}
		}
		nothingLeft(t, api)
	})
	t.Run("an interrupted look leaves nothing", func(t *testing.T) {
		p := probe(t, map[string]string{"FAKE_LIE": "silence"})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		done := make(chan error, 1)
		go func() {
			_, err := p.Baseline(ctx, api)
			done <- err
		}()
		awaitRunning(t, api)
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
		nothingLeft(t, api)
	})
	t.Run("watch", func(t *testing.T) {
		p := probe(t, map[string]string{"FAKE_USED": "100 612 5000 200"})
		baseline, err := p.Baseline(t.Context(), api)
		if err != nil {
			t.Fatal(err)
		}
		w := p.Watch(t.Context(), api, baseline)
		await(t, w, 6)
		peak, err := w.Stop()
		if err != nil || peak.Baseline != 100<<20 || peak.Used != 5000<<20 || peak.Taken() != 4900<<20 {
			t.Errorf("peak %+v, %v", peak, err)
		}
		nothingLeft(t, api)
	})
	t.Run("a watch that ends early says so", func(t *testing.T) {
		for name, env := range map[string]map[string]string{
			"ends":          {"FAKE_ENDS": "1"},
			"endless lines": {"FAKE_LIE": "endless-lines"},
			"endless line":  {"FAKE_LIE": "endless-line"},
			"negative":      {"FAKE_USED": "-5"},
			"another GPU":   {"FAKE_LIE": "GPU-00000000-0000-0000-0000-000000000000, 4"},
		} {
			w := probe(t, env).Watch(t.Context(), api, []Reading{{UUID: uuid, Total: 80 << 30}})
			select {
			case <-w.done:
			case <-time.After(time.Minute):
				t.Errorf("%s: the watch goes on", name)
			}
			if peak, err := w.Stop(); err == nil {
				t.Errorf("%s: %+v and no error", name, peak)
			}
		}
		nothingLeft(t, api)
	})
	t.Run("visible", func(t *testing.T) {
		for name, c := range map[string]struct {
			env  map[string]string
			want Visibility
		}{
			"lists it":   {nil, Visible},
			"says no":    {map[string]string{"FAKE_LIE": "No devices were found"}, NotVisible},
			"lies":       {map[string]string{"FAKE_LIE": "GPU 0: all of them"}, Untold},
			"is endless": {map[string]string{"FAKE_LIE": "endless-line"}, Untold},
		} {
			got, err := SeesNVIDIA(t.Context(), api, service(t, api, smiImage(t, api, binary, c.env), "/usr/bin/nvidia-smi", DefaultRequest(NVIDIA)))
			if err != nil || got.Visibility != c.want {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
			if c.want == Visible && got.Within(facts(t, "nvidia-h200")).Visibility != NotVisible {
				t.Errorf("%s: a GPU that the kernel does not know is visible", name)
			}
		}
		var archive bytes.Buffer
		w := tar.NewWriter(&archive)
		if err := errors.Join(w.WriteHeader(&tar.Header{Name: "stay", Mode: 0o755, Size: int64(len(binary))}), write(w, binary), w.Close()); err != nil {
			t.Fatal(err)
		}
		got, err := SeesNVIDIA(t.Context(), api, service(t, api, importImage(t, api, &archive, nil), "/stay", Request{}))
		if err != nil || got.Visibility != Untold || !strings.Contains(got.Reason, "the container has no /usr/bin/nvidia-smi") {
			t.Errorf("no program: %+v, %v", got, err)
		}
	})
}

// TestAskPlainEngine asks an engine that has no hook and a host without AMD's
// devices. The local engine is left as it was.
func TestAskPlainEngine(t *testing.T) {
	api := enginetest.Start(t, enginetest.Options{}).Client(t)
	offer, err := Ask(t.Context(), api, DefaultRequest(NVIDIA), labels)
	if err != nil || !offer.Known || offer.Accepted || !strings.Contains(offer.How, "could not select device driver") {
		t.Errorf("NVIDIA: %+v, %v", offer, err)
	}
	missing := Request{Nodes: []container.DeviceMapping{{PathOnHost: "/dev/kfd-missing", PathInContainer: "/dev/kfd", CgroupPermissions: "rwm"}}}
	offer, err = Ask(t.Context(), api, missing, labels)
	if err != nil || !offer.Known || offer.Accepted || !strings.Contains(offer.How, "/dev/kfd-missing") {
		t.Errorf("AMD: %+v, %v", offer, err)
	}
	nothingLeft(t, api)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if offer, err := Ask(ctx, api, missing, labels); err == nil {
		t.Errorf("after the end: %+v", offer)
	}
	nothingLeft(t, api)
}
