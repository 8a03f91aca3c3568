# METADATA
# title: AMD devices not mapped as ROCm needs them
# description: >-
#   ROCm reaches an AMD GPU through /dev/kfd and /dev/dri, and needs both, under their own names, to read and write.
#   Anything more gives the stack a device of the host that it has no use for; a single node below /dev/dri pins the
#   card that happens to have this number.
# related_resources:
# - description: ROCm, running containers
#   ref: https://rocm.docs.amd.com/projects/install-on-linux/en/latest/how-to/docker.html
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   remediation: 'Give the service that works on the GPU `devices: [/dev/kfd, /dev/dri]`, and nothing else.'
package hardware["amd-devices"]

import data.lib.compose
import data.lib.services

needed := {"/dev/kfd", "/dev/dri"}

violation contains {"path": ["services"], "message": "no service maps the AMD GPU, although this is the AMD environment"} if {
	input.environment == "amd"
	count(services.amd_devices) == 0
}

violation contains {"path": ["services", name, "devices"], "message": message} if {
	input.environment == "amd"
	some name, devices in mapped
	some device in needed
	every path in devices {
		not startswith(path, device)
	}
	message := sprintf("service %q does not map %q, which ROCm needs", [name, device])
}

# A node below /dev/dri is reported for itself.
mapped[entry.service] contains entry.device if some entry in services.amd_devices

violation contains {"path": ["services", name, "devices", i], "message": message} if {
	input.environment == "amd"
	some name, service in input.project.services
	some i, device in service.devices
	problem := wrong(device)
	message := sprintf("service %q maps %q, but %s", [name, object.get(device, "source", ""), problem])
}

wrong(device) := "the AMD environment maps /dev/kfd and /dev/dri and nothing else" if {
	not compose.clean(object.get(device, "source", "")) in needed
} else := "under another name, where ROCm does not look for it" if {
	compose.clean(object.get(device, "target", device.source)) != compose.clean(device.source)
} else := "not to read and write" if {
	permissions := object.get(device, "permissions", "rwm")
	some permission in ["r", "w"]
	not contains(permissions, permission)
}

violation contains {"path": entry.path, "message": message} if {
	input.environment == "amd"
	some entry in services.device_requests
	message := sprintf("service %q reserves a GPU as NVIDIA's are reserved, in the AMD environment", [entry.service])
}

violation contains {"path": entry.path, "message": message} if {
	input.environment == "amd"
	some entry in services.nvidia_detours
	entry.path[2] != "devices"
	message := sprintf("service %q reaches for an NVIDIA GPU by %q, in the AMD environment", [entry.service, entry.value])
}
