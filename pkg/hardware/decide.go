package hardware

import (
	"fmt"
	"strings"

	"github.com/opengpu-network/templates/pkg/record"
)

// Decision says what there is to run an environment on.
type Decision struct {
	// Hardware is record.Real when the host's kernel knows the hardware and the
	// engine hands it out, record.Claimed when only the engine claims to have it,
	// and empty when the environment cannot be run.
	Hardware string
	// Reason is a sentence for people.
	Reason string
	// Remedy says what to do to get real hardware; empty when there is nothing to do.
	Remedy string
}

// Available reports whether the environment can be run on real hardware.
func (d Decision) Available() bool { return d.Hardware == record.Real }

// Decide brings together what the kernel and the engine say. The engine needs to
// be asked only when the kernel knows a GPU, or when a claimed one is of interest.
func Decide(environment string, facts Facts, offer Offer) Decision {
	if environment == CPU {
		return Decision{Hardware: record.Real, Reason: "every engine's host has a CPU"}
	}
	if environment != NVIDIA && environment != AMD {
		return Decision{Reason: fmt.Sprintf("there is no environment %q", clean(environment))}
	}
	name := strings.ToUpper(environment)
	driver := facts.Driver(environment)
	if len(driver.GPUs) == 0 {
		reason, remedy := missing(environment, driver)
		if about := concerning(environment, facts.Problems); about != "" {
			reason += " (" + about + ")"
		}
		if offer.Accepted {
			return Decision{record.Claimed, "the engine claims to hand out an " + name + " GPU, but " + reason, remedy}
		}
		return Decision{"", reason, remedy}
	}
	switch {
	case offer.Accepted:
		return Decision{Hardware: record.Real, Reason: fmt.Sprintf("the engine's host has %s", count(driver.GPUs))}
	case !offer.Known:
		return Decision{"", "the host has an " + name + " GPU, but nobody has asked the engine whether it hands it out", ""}
	case environment == NVIDIA:
		return Decision{"", "the host has an NVIDIA GPU, but Docker cannot hand it out: " + offer.How,
			"install the NVIDIA Container Toolkit, run `sudo nvidia-ctk runtime configure --runtime=docker`, and restart Docker"}
	default:
		return Decision{"", "the host has an AMD GPU, but Docker cannot hand it out: " + offer.How,
			"make sure that /dev/kfd and /dev/dri/renderD* exist where the engine runs: load the amdgpu driver there"}
	}
}

func missing(environment string, driver Driver) (reason, remedy string) {
	switch {
	case environment == NVIDIA && driver.Loaded:
		return "the engine's host has no NVIDIA GPU: its kernel has NVIDIA's driver loaded, and the driver drives no GPU", "look for errors of NVRM in the output of `sudo dmesg`"
	case environment == NVIDIA:
		return "the engine's host has no NVIDIA GPU: its kernel has no NVIDIA driver loaded", "on a host with such a GPU, install NVIDIA's driver"
	case driver.Loaded:
		return "the engine's host has no AMD GPU: its kernel has AMD's compute driver loaded, and the driver drives no GPU", "look for errors of amdgpu and kfd in the output of `sudo dmesg`"
	default:
		return "the engine's host has no AMD GPU: its kernel has no AMD compute driver loaded", "on a host with such a GPU, load the driver amdgpu"
	}
}

// concerning finds what could not be read of an environment's GPUs.
func concerning(environment string, problems []string) string {
	places := map[string][]string{NVIDIA: {"driver/nvidia", "NVIDIA"}, AMD: {"class/kfd", "AMD"}}
	for _, problem := range problems {
		for _, place := range places[environment] {
			if strings.Contains(problem, place) {
				return problem
			}
		}
	}
	return ""
}

func count(gpus []GPU) string {
	if len(gpus) == 1 {
		return "one GPU: " + gpus[0].Name
	}
	return fmt.Sprintf("%d GPUs, the first one: %s", len(gpus), gpus[0].Name)
}
