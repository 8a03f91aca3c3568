package hardware

import (
	"strings"
	"testing"

	"github.com/opengpu-network/templates/pkg/record"
)

func TestDecide(t *testing.T) {
	yes, no := Offer{Known: true, Accepted: true, How: "it accepts the request"}, Offer{Known: true, How: "could not select device driver"}
	for _, c := range []struct {
		environment, host string
		offer             Offer
		hardware          string
		says              string
	}{
		{CPU, "none", Offer{}, record.Real, "CPU"},
		{NVIDIA, "nvidia-h200", yes, record.Real, "one GPU: NVIDIA H200"},
		{NVIDIA, "nvidia-h100", yes, record.Real, "2 GPUs"},
		{NVIDIA, "nvidia-h200", no, "", "Docker cannot hand it out: could not select"},
		{NVIDIA, "nvidia-h200", Offer{}, "", "nobody has asked"},
		{NVIDIA, "none", Offer{}, "", "its kernel has no NVIDIA driver loaded"},
		{NVIDIA, "none", no, "", "its kernel has no NVIDIA driver loaded"},
		{NVIDIA, "none", yes, record.Claimed, "the engine claims to hand out an NVIDIA GPU, but the engine's host has no NVIDIA GPU"},
		{NVIDIA, "nvidia-driver-only", yes, record.Claimed, "the driver drives no GPU"},
		{NVIDIA, "amd-mi210", yes, record.Claimed, "no NVIDIA driver"},
		{AMD, "amd-mi210", yes, record.Real, "2 GPUs, the first one: Instinct MI210"},
		{AMD, "amd-rx7900", no, "", "Docker cannot hand it out"},
		{AMD, "none", yes, record.Claimed, "no AMD compute driver"},
		{AMD, "nvidia-h200", Offer{}, "", "no AMD compute driver"},
		{"tpu", "none", yes, "", "no environment"},
	} {
		got := Decide(c.environment, facts(t, c.host), c.offer)
		if got.Hardware != c.hardware || !strings.Contains(got.Reason, c.says) {
			t.Errorf("%s on %s: %+v, want %q and %q", c.environment, c.host, got, c.hardware, c.says)
		}
		if got.Hardware != record.Real && c.offer.Known && c.environment != "tpu" && got.Remedy == "" {
			t.Errorf("%s on %s: no remedy in %+v", c.environment, c.host, got)
		}
	}
}

func TestUnmet(t *testing.T) {
	const GiB = 1 << 30
	h200 := facts(t, "nvidia-h200")
	h200 = h200.Complete([]Reading{{UUID: h200.NVIDIA.GPUs[0].UUID, Total: 140 * GiB, ComputeCapability: "9.0"}})
	for _, c := range []struct {
		environment string
		facts       Facts
		needs       Needs
		says        string // Empty: nothing is unmet.
	}{
		{NVIDIA, h200, Needs{VRAM: 140 * GiB, RAM: 64 * GiB, CPUs: 15.5, Driver: "550.90.7", ComputeCapability: "9.0"}, ""},
		{NVIDIA, h200, Needs{}, ""},
		{NVIDIA, h200, Needs{VRAM: 141 * GiB}, "a GPU with 141GiB of memory; the engine's host has NVIDIA H200 (140GiB, 9.0)"},
		{NVIDIA, h200, Needs{ComputeCapability: "10.0"}, "of compute capability 10.0 or higher"},
		{NVIDIA, h200, Needs{Driver: "550.90.08"}, "NVIDIA driver 550.90.08 or newer; the engine's host has 550.90.07"},
		{NVIDIA, h200, Needs{Driver: "1000.1"}, "driver 1000.1"},
		{NVIDIA, h200, Needs{CPUs: 16.5}, "16.5 CPU cores; the engine's host has 16"},
		{CPU, h200, Needs{RAM: 128 * GiB}, "128GiB of main memory; the engine's host has 125.9GiB"},
		{CPU, h200, Needs{VRAM: 999 * GiB}, ""},
		// What the host does not tell is not held against it.
		{NVIDIA, facts(t, "nvidia-rtx3060"), Needs{VRAM: 999 * GiB, ComputeCapability: "9.0"}, ""},
		{NVIDIA, Facts{}, Needs{VRAM: 1, RAM: 1, CPUs: 1, Driver: "1.1"}, ""},
		{AMD, facts(t, "amd-rx7900"), Needs{GFX: []string{"gfx1030", "gfx1100"}, VRAM: 23 * GiB}, ""},
		{AMD, facts(t, "amd-rx7900"), Needs{GFX: []string{"gfx1030", "gfx90a"}}, "of target gfx1030 or gfx90a; the engine's host has gfx1100"},
		{AMD, facts(t, "amd-mi210"), Needs{VRAM: 64 * GiB}, "64GiB"},
	} {
		got := strings.Join(c.needs.Unmet(c.environment, c.facts), "\n")
		if (c.says == "") != (got == "") || !strings.Contains(got, c.says) {
			t.Errorf("%s, %+v: %q, want %q", c.environment, c.needs, got, c.says)
		}
	}
}

func TestEvidence(t *testing.T) {
	const MiB = 1 << 20
	seen, unseen, untold := Sight{Visibility: Visible}, Sight{Visibility: NotVisible, Reason: "none"}, Sight{Visibility: Untold, Reason: "no program"}
	for _, c := range []struct {
		evidence Evidence
		used     bool
		says     string
	}{
		{Evidence{Sight: seen, Peak: Peak{Baseline: 100 * MiB, Used: 612 * MiB, Samples: 3}}, true, "took 512MiB"},
		{Evidence{Sight: untold, Peak: Peak{Used: 512 * MiB, Samples: 3}}, true, "cannot be told: no program"},
		{Evidence{Sight: unseen, Peak: Peak{Used: 512 * MiB, Samples: 3}}, false, "not visible in the container: none"},
		{Evidence{Sight: seen, Peak: Peak{Baseline: 600 * MiB, Used: 612 * MiB, Samples: 3}}, false, "at most 612MiB of its memory was in use, 600MiB before"},
		{Evidence{Sight: seen, Peak: Peak{Baseline: 600 * MiB, Used: 10 * MiB, Samples: 3}}, false, "was not used"},
		{Evidence{Sight: seen, Peak: Peak{Used: 512 * MiB}}, false, "never looked at"},
		{Evidence{Sight: seen, Untold: "MIG", Peak: Peak{Used: 512 * MiB, Samples: 3}}, false, "cannot be shown that the GPU was used: MIG"},
		{Evidence{}, false, "never looked at"},
	} {
		used, sentence := c.evidence.Used()
		if used != c.used || !strings.Contains(sentence, c.says) {
			t.Errorf("%+v: %v, %q", c.evidence, used, sentence)
		}
	}
	e := Evidence{Sight: seen, Peak: Peak{Baseline: 100 * MiB, Used: 612 * MiB, Samples: 3}}
	if e.Exceeds(512*MiB) != "" || e.Exceeds(0) != "" || e.Exceeds(511*MiB) != "the stack took 512MiB of GPU memory; the manifest states 511MiB" {
		t.Errorf("exceeds: %q", e.Exceeds(511*MiB))
	}
}
