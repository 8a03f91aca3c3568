package smoke

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/opengpu-network/templates/pkg/hardware"
	"github.com/opengpu-network/templates/pkg/record"
)

// TestVerdictOnPretendedEvidence weighs evidence as if it came from hardware: what
// cannot be told fails a run on real hardware, and is a note elsewhere.
func TestVerdictOnPretendedEvidence(t *testing.T) {
	const MiB = 1 << 20
	visible, not := hardware.Sight{Visibility: hardware.Visible}, hardware.Sight{Visibility: hardware.NotVisible, Reason: "none"}
	took := hardware.Peak{Baseline: MiB, Used: 513 * MiB, Samples: 2}
	for name, c := range map[string]struct {
		evidence      hardware.Evidence
		stated        int64
		real, claimed string // the kinds of failures
	}{
		"used":            {hardware.Evidence{Sight: visible, Peak: took}, 512 * MiB, "", ""},
		"over":            {hardware.Evidence{Sight: visible, Peak: took}, 511 * MiB, VRAMOver, VRAMOver},
		"idle":            {hardware.Evidence{Sight: visible, Peak: hardware.Peak{Samples: 2}}, 0, GPUUnused, GPUUnused},
		"never looked at": {hardware.Evidence{Sight: visible}, 0, GPUUnused, GPUUnused},
		"invisible":       {hardware.Evidence{Sight: not, Peak: took}, 0, GPUUnused, GPUUnused},
		"untold":          {hardware.Evidence{Sight: visible, Untold: "MIG"}, 0, GPUUnused, ""},
		"untold and over": {hardware.Evidence{Sight: visible, Untold: "MIG", Peak: took}, 1, GPUUnused, ""},
		"neither":         {hardware.Evidence{Sight: not, Untold: "MIG"}, 0, GPUUnused, GPUUnused},
	} {
		for mode, want := range map[string]string{record.Real: c.real, record.Claimed: c.claimed} {
			note, err := (&gpuMeter{service: "gpu", evidence: c.evidence}).verdict(mode, c.stated)
			var f *failure
			switch errors.As(err, &f); {
			case want == "" && (err != nil || note == ""):
				t.Errorf("%s, %s: %q, %v", name, mode, note, err)
			case want != "" && (f == nil || f.Kind != want):
				t.Errorf("%s, %s: %v, want %s", name, mode, err, want)
			}
		}
	}
}

// TestDocumentWithoutGPU also has what lint lets nobody run.
func TestDocumentWithoutGPU(t *testing.T) {
	const model = `{"services": {
		"gpu": {
			"image": "x", "gpus": [{"driver": "nvidia"}], "runtime": "nvidia",
			"devices": [{"source": "/dev/kfd"}, {"source": "/dev/null"}, {"source": "/dev/dri/renderD128"}, {"source": "nvidia.com/gpu=all"}, "/dev/nvidia0"],
			"group_add": ["video", "audio", "render"],
			"deploy": {"resources": {"limits": {"cpus": "1"}, "reservations": {"memory": "1", "devices": [{"driver": "nvidia"}]}}}
		},
		"plain": {"image": "x", "runtime": "runc"}
	}}`
	for _, c := range []struct {
		without bool
		want    string
	}{
		{true, `{"services":{` +
			`"gpu":{"deploy":{"resources":{"limits":{"cpus":"1"},"reservations":{"memory":"1"}}},"devices":[{"source":"/dev/null"}],"group_add":["audio"],"image":"sha256:1","pull_policy":"never"},` +
			`"plain":{"image":"sha256:2","pull_policy":"never","runtime":"runc"}}}`},
		{false, `"runtime":"nvidia"`},
	} {
		var canonical map[string]any
		if err := json.Unmarshal([]byte(model), &canonical); err != nil {
			t.Fatal(err)
		}
		got, err := document(canonical, map[string]string{"gpu": "sha256:1", "plain": "sha256:2"}, c.without)
		if err != nil || c.without && string(got) != c.want || !strings.Contains(string(got), c.want) {
			t.Errorf("%v\n%s\nwant\n%s", err, got, c.want)
		}
	}
}
