# METADATA
# title: Hardware in the CPU environment
# description: >-
#   A provider that registers for the CPU environment promises processors and memory. A file that asks for a GPU, a device
#   or another runtime does not start there, or takes what nobody offered.
# related_resources:
# - description: Compose Specification, services
#   ref: https://docs.docker.com/reference/compose-file/services/
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   remediation: Remove the request from the CPU environment's file; give the GPU an environment of its own.
package hardware["cpu-only"]

import data.lib.services

violation contains {"path": entry.path, "message": message} if {
	input.environment == "cpu"
	some entry in services.device_requests
	message := sprintf("service %q reserves a device in the CPU environment", [entry.service])
}

violation contains {"path": ["services", name, "devices", i], "message": message} if {
	input.environment == "cpu"
	some name, service in input.project.services
	some i, device in service.devices
	message := sprintf("service %q maps the device %q in the CPU environment", [name, object.get(device, "source", "")])
}

violation contains {"path": ["services", name, "runtime"], "message": message} if {
	input.environment == "cpu"
	some name, service in input.project.services
	not service.runtime in {"", "runc"}
	message := sprintf("service %q asks for the runtime %q in the CPU environment", [name, service.runtime])
}

violation contains {"path": entry.path, "message": message} if {
	input.environment == "cpu"
	some entry in services.nvidia_detours
	entry.path[2] == "environment"
	message := sprintf("service %q reaches for a GPU by %q in the CPU environment", [entry.service, entry.value])
}
