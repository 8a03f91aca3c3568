# METADATA
# title: NVIDIA GPU not asked for the supported way
# description: >-
#   In the NVIDIA environment a service gets its GPU from a device reservation, or from `gpus`. The NVIDIA runtime,
#   NVIDIA_VISIBLE_DEVICES and mapped device nodes work on some hosts only, and they cannot say how many GPUs the
#   service gets. A provider cannot plan with them.
# related_resources:
# - description: Docker, GPU support in Compose
#   ref: https://docs.docker.com/compose/how-tos/gpu-support/
# custom:
#   severity: error
#   waivable: true
#   subject: compose
#   remediation: >-
#     Give the service that works on the GPU `deploy.resources.reservations.devices` with one entry:
#     `driver: nvidia`, `count: 1`, `capabilities: [gpu]`.
package hardware["nvidia-reservation"]

import data.lib.services

asking := {entry.service | some entry in services.device_requests}

violation contains {"path": ["services"], "message": "no service asks for an NVIDIA GPU, although this is the NVIDIA environment"} if {
	input.environment == "nvidia"
	count(asking) == 0
	count(services.nvidia_detours) == 0
}

violation contains {"path": entry.path, "message": message} if {
	input.environment == "nvidia"
	some entry in services.nvidia_detours
	not entry.service in asking
	message := sprintf("service %q reaches for the GPU by %q, which is not the supported way", [entry.service, entry.value])
}

violation contains {"path": array.concat(entry.path, ["capabilities"]), "message": message} if {
	input.environment == "nvidia"
	some entry in services.device_requests
	entry.form == "deploy"
	not "gpu" in object.get(entry.request, "capabilities", [])
	message := sprintf("service %q reserves a device without the capability \"gpu\"", [entry.service])
}

violation contains {"path": array.concat(entry.path, ["driver"]), "message": message} if {
	input.environment == "nvidia"
	some entry in services.device_requests
	driver := object.get(entry.request, "driver", "")
	not drivers[entry.form][driver]
	message := sprintf("service %q reserves a GPU with the driver %q: it must be \"nvidia\"", [entry.service, driver])
}

violation contains {"path": array.concat(entry.path, ["device_ids"]), "message": message} if {
	input.environment == "nvidia"
	some entry in services.device_requests
	entry.request.driver == "cdi"
	not names_gpu(entry.request)
	message := sprintf("service %q reserves a CDI device that is no \"nvidia.com/gpu\"", [entry.service])
}

drivers := {
	"deploy": {"nvidia": true, "cdi": true},
	"gpus": {"nvidia": true, "cdi": true, "": true},
}

names_gpu(request) if {
	some id in request.device_ids
	startswith(id, "nvidia.com/gpu=")
}
