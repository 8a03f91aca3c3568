package smoke

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/opengpu-network/templates/pkg/compose"
)

// document is what the engine is given: the canonical model with each image by
// the id that was found for its reference, so that nothing can be pulled or
// tagged anew in between. With withoutGPU, the GPU requests are taken out.
func document(canonical map[string]any, ids map[string]string, withoutGPU bool) ([]byte, error) {
	var model map[string]any
	text, err := json.Marshal(canonical)
	if err == nil {
		err = json.Unmarshal(text, &model)
	}
	if err != nil {
		return nil, fmt.Errorf("the model cannot be copied: %w", err)
	}
	services, _ := model["services"].(map[string]any)
	for name, service := range services {
		service, ok := service.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("the service %s is no mapping", name)
		}
		service["image"], service["pull_policy"] = ids[name], "never"
		withoutHost(service)
		if withoutGPU {
			takeOutGPU(service)
		}
	}
	return json.Marshal(model)
}

// withoutHost removes variables that compose would fill from this process's
// environment: nothing of this machine goes into a stranger's container.
func withoutHost(service map[string]any) {
	environment, _ := service["environment"].(map[string]any)
	maps.DeleteFunc(environment, func(name string, value any) bool {
		return value == nil && !slices.Contains(compose.ProviderVariables(), name)
	})
}

// takeOutGPU removes from a service what asks for a GPU of either kind.
func takeOutGPU(service map[string]any) {
	delete(service, "gpus")
	if service["runtime"] == "nvidia" {
		delete(service, "runtime")
	}
	if reservations, ok := dig(service, "deploy", "resources", "reservations").(map[string]any); ok {
		delete(reservations, "devices")
	}
	takeOut(service, "devices", isGPUDevice)
	takeOut(service, "group_add", func(group any) bool { return group == "video" || group == "render" })
}

// takeOut removes members from a list of a service that has one.
func takeOut(service map[string]any, key string, unwanted func(any) bool) {
	if list, ok := service[key].([]any); ok {
		service[key] = slices.DeleteFunc(list, unwanted)
	}
}

// isGPUDevice is true for a device of the model that is a GPU's.
func isGPUDevice(device any) bool {
	path, ok := device.(string)
	if !ok {
		path, _ = dig(device, "source").(string)
	}
	for _, prefix := range []string{"/dev/kfd", "/dev/dri", "/dev/nvidia", "nvidia.com/gpu", "amd.com/gpu"} {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return false
}

func dig(value any, keys ...string) any {
	for _, key := range keys {
		members, _ := value.(map[string]any)
		value = members[key]
	}
	return value
}
