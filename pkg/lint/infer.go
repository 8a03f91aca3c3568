package lint

import (
	"strings"

	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/compose"
)

// infer tells the environment of a custom source from what it asks for: an
// NVIDIA GPU in any of the ways to ask for one, the devices of an AMD GPU, or
// neither.
func infer(p *compose.Project) catalog.Environment {
	services, _ := p.Model["services"].(map[string]any)
	environment := catalog.CPU
	for _, service := range services {
		service, _ := service.(map[string]any)
		switch {
		case asksNVIDIA(service):
			return catalog.NVIDIA
		case asksAMD(service):
			environment = catalog.AMD
		}
	}
	return environment
}

func asksNVIDIA(service map[string]any) bool {
	if service["runtime"] == "nvidia" || service["gpus"] != nil {
		return true
	}
	deploy, _ := service["deploy"].(map[string]any)
	resources, _ := deploy["resources"].(map[string]any)
	reservations, _ := resources["reservations"].(map[string]any)
	requests, _ := reservations["devices"].([]any)
	for _, request := range requests {
		request, _ := request.(map[string]any)
		if !asksAMDByName(request) {
			return true
		}
	}
	return hasDevice(service, "/dev/nvidia", "nvidia.com/")
}

// asksAMDByName is true for a device request that names AMD's driver or CDI
// devices.
func asksAMDByName(request map[string]any) bool {
	if request["driver"] == "amd" {
		return true
	}
	ids, _ := request["device_ids"].([]any)
	for _, id := range ids {
		if id, ok := id.(string); ok && strings.HasPrefix(id, "amd.com/") {
			return true
		}
	}
	return false
}

func asksAMD(service map[string]any) bool {
	if hasDevice(service, "/dev/kfd", "/dev/dri", "amd.com/") {
		return true
	}
	deploy, _ := service["deploy"].(map[string]any)
	resources, _ := deploy["resources"].(map[string]any)
	reservations, _ := resources["reservations"].(map[string]any)
	requests, _ := reservations["devices"].([]any)
	return len(requests) > 0
}

func hasDevice(service map[string]any, prefixes ...string) bool {
	devices, _ := service["devices"].([]any)
	for _, device := range devices {
		device, _ := device.(map[string]any)
		source, _ := device["source"].(string)
		for _, prefix := range prefixes {
			if strings.HasPrefix(source, prefix) {
				return true
			}
		}
	}
	return false
}
