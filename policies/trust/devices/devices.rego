# METADATA
# title: "Device other than the environment's own GPU"
# description: >-
#   A device node is a door into the host's kernel, its disks or its peripherals. A source gets the
#   GPU of its environment and nothing else: AMD maps /dev/kfd and /dev/dri, NVIDIA reserves GPUs
#   through its driver or CDI, CPU has none.
# related_resources:
# - description: CIS Docker Benchmark v1.6.0, 5.18 Ensure that host devices are not directly exposed to containers
#   ref: https://www.cisecurity.org/benchmark/docker
# - description: "MITRE ATT&CK for Containers, T1611 Escape to Host"
#   ref: https://attack.mitre.org/techniques/T1611/
# - description: Docker documentation, Container Device Interface
#   ref: https://docs.docker.com/build/building/cdi/
# - description: Docker documentation, Enable GPU access with Docker Compose
#   ref: https://docs.docker.com/compose/how-tos/gpu-support/
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   remediation: >-
#     Map only `/dev/kfd` and `/dev/dri` (AMD), or reserve GPUs with the driver nvidia or a CDI name
#     of the environment's own vendor.
package trust.devices

import data.lib.compose

environment := object.get(input, "environment", "unknown")

violation contains {"path": ["services", name, "devices", i, "source"], "message": message} if {
	some name, service in input.project.services
	some i, device in service.devices
	source := object.get(device, "source", "")
	not node(environment, compose.clean(source))
	not vendor(environment, source)
	message := sprintf("service %q maps the device %q, which is no GPU of the environment", [name, source])
}

violation contains {"path": array.concat(request.path, ["driver"]), "message": message} if {
	some request in requests
	not object.get(request.body, "driver", "") in {"", "nvidia", "cdi"}
	message := sprintf("service %q requests devices from the driver %q", [request.service, request.body.driver])
}

violation contains {"path": array.concat(request.path, ["device_ids", i]), "message": message} if {
	some request in requests
	some i, id in request.body.device_ids
	by_name(request.body, id)
	not vendor(environment, id)
	message := sprintf("service %q requests the device %q, which is no GPU of the environment", [request.service, id])
}

violation contains {"path": array.concat(request.path, ["capabilities", i]), "message": message} if {
	some request in requests
	some i, capability in request.body.capabilities
	not capability in {"gpu", "nvidia", "compute", "utility"}
	message := sprintf("service %q requests devices with the capability %q, more than computing needs", [request.service, capability])
}

# These name disks of the host, and say how fast they may be used.
violation contains {"path": ["services", name, "blkio_config", key], "message": message} if {
	some name, service in input.project.services
	some key in ["device_read_bps", "device_read_iops", "device_write_bps", "device_write_iops", "weight_device"]
	service.blkio_config[key]
	message := sprintf("service %q names block devices of the host under %s", [name, key])
}

# The NVIDIA runtime reads device names from annotations as well.
violation contains {"path": ["services", name, "annotations", key], "message": message} if {
	some name, service in input.project.services
	some key, value in service.annotations
	startswith(key, "cdi.k8s.io/")
	message := sprintf("service %q asks for the devices %q by an annotation", [name, value])
}

requests contains {"path": ["services", name, "gpus", i], "service": name, "body": body} if {
	some name, service in input.project.services
	some i, body in service.gpus
}

requests contains {"path": ["services", name, "deploy", "resources", "reservations", "devices", i], "service": name, "body": body} if {
	some name, service in input.project.services
	some i, body in service.deploy.resources.reservations.devices
}

# by_name is true for a device that CDI resolves, whatever the driver is called.
by_name(request, _) if request.driver == "cdi"

by_name(_, id) if contains(id, "/")

node("amd", path) if path in {"/dev/kfd", "/dev/dri"}

node("amd", path) if regex.match(`^/dev/dri/renderD[0-9]+$`, path)

vendor("amd", id) if startswith(id, "amd.com/gpu=")

vendor("nvidia", id) if startswith(id, "nvidia.com/gpu=")
