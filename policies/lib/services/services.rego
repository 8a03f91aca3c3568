# What several rules ask about the services of one compose file. Each document
# is made once for a file, however many rules read it.
package lib.services

import data.lib.compose
import data.tables.bounds.least as bounds

# The limits below are those that Compose hands to the engine: what stands under
# `deploy` wins over the short form, and a 0 says nothing. A service whose limit
# is none in the end is not in them.

# The most memory that a service may use, in bytes.
memory_limit[name] := stated if {
	some name, service in input.project.services
	stated := wins(service, "memory", "mem_limit")
	stated > 0
}

# The most CPUs that a service may use. What is stated as less than the engine's
# least becomes no limit there, or is refused.
cpu_limit[name] := least if {
	some name, service in input.project.services
	least := min([n | some n in [wins(service, "cpus", "cpus"), quota(service)]; n >= bounds.cpus])
}

default quota(_) := 0

quota(service) := service.cpu_quota / period if {
	service.cpu_quota >= bounds.quota
	period := object.get(service, "cpu_period", 0)
	period > 0
} else := service.cpu_quota / 100000 if {
	service.cpu_quota >= bounds.quota
	object.get(service, "cpu_period", 0) == 0
}

# The most processes that a service may have.
pids_limit[name] := stated if {
	some name, service in input.project.services
	stated := service.deploy.resources.limits.pids
	stated > 0
}

pids_limit[name] := service.pids_limit if {
	some name, service in input.project.services
	object.get(service, ["deploy", "resources", "limits", "pids"], 0) <= 0
	service.pids_limit > 0
}

wins(service, long, short) := stated if {
	stated := object.get(service, ["deploy", "resources", "limits", long], 0)
	stated != 0
} else := object.get(service, short, 0)

# How many containers of a service start.
scale(service) := object.get(service, "scale", object.get(service, ["deploy", "replicas"], 1))

# The services that publish a port on the host.
publishers contains name if {
	some name, service in input.project.services
	count(service.ports) > 0
}

# Where `${PORT}` or container port 5555 is published: the port of the protocol,
# or what was meant to be.
protocol_ports contains {"service": name, "path": ["services", name, "ports", i], "port": port} if {
	some name, service in input.project.services
	some i, port in service.ports
	protocol_port(port)
}

protocol_port(port) if port.target == 5555

protocol_port(port) if contains(port.published, "${PORT}")

# The services that ask for a GPU in whatever form.
gpu_services contains r.service if some r in device_requests

gpu_services contains r.service if some r in nvidia_detours

gpu_services contains r.service if some r in amd_devices

# The device requests of the services, in both forms that Compose hands to
# Docker as such. `gpus` always means a GPU.
device_requests contains {"service": name, "path": ["services", name, "gpus", i], "form": "gpus", "request": request} if {
	some name, service in input.project.services
	some i, request in service.gpus
}

device_requests contains {"service": name, "path": path, "form": "deploy", "request": request} if {
	some name, service in input.project.services
	some i, request in service.deploy.resources.reservations.devices
	path := ["services", name, "deploy", "resources", "reservations", "devices", i]
}

# The other ways to an NVIDIA GPU: they work on some hosts, and cannot say how
# many GPUs the service gets.
nvidia_detours contains {"service": name, "path": ["services", name, "runtime"], "value": service.runtime} if {
	some name, service in input.project.services
	startswith(lower(service.runtime), "nvidia")
}

nvidia_detours contains {"service": name, "path": path, "value": "NVIDIA_VISIBLE_DEVICES"} if {
	some name, service in input.project.services
	value := service.environment.NVIDIA_VISIBLE_DEVICES
	not value in {"", "none", "void"}
	path := ["services", name, "environment", "NVIDIA_VISIBLE_DEVICES"]
}

nvidia_detours contains {"service": name, "path": ["services", name, "devices", i], "value": device.source} if {
	some name, service in input.project.services
	some i, device in service.devices
	contains(lower(device.source), "nvidia")
}

# The GPU devices of AMD that services map, by their cleaned path.
amd_devices contains {"service": name, "device": device, "path": ["services", name, "devices", i]} if {
	some name, service in input.project.services
	some i, mapped in service.devices
	device := compose.clean(mapped.source)
	amd_device(device)
}

amd_device("/dev/kfd")

amd_device(path) if startswith(sprintf("%s/", [path]), "/dev/dri/")

# The services that have a device of whatever kind, or a runtime of their own.
# The set is made whole: asked for one by one, each question would walk all devices.
with_device := (gpu_services | {name |
	some name, service in input.project.services
	count(service.devices) > 0
}) | {name |
	some name, service in input.project.services
	service.runtime != ""
}

# True for a variable that the loader, the C library or an interpreter obeys.
loads(variable) if regex.match(loaded, variable)

loaded := concat("|", data.tables.environment.loader)

# The services that are to end by themselves: others wait for that.
one_shots contains target if {
	some service in input.project.services
	some target, dependency in service.depends_on
	dependency.condition == "service_completed_successfully"
}

# True when Docker is told how to check the service's health.
checked(service) if {
	not service.healthcheck.disable
	count(service.healthcheck.test) > 0
	service.healthcheck.test[0] != "NONE"
}

# The restart policy that Compose gives a service, with the path that says so:
# `deploy` wins, and without a condition it means any.
restart(service) := {"policy": policy, "path": ["deploy", "restart_policy", "condition"]} if {
	condition := object.get(service.deploy.restart_policy, "condition", "any")
	policy := object.get({"any": "always", "none": "no"}, condition, condition)
} else := {"policy": split(service.restart, ":")[0], "path": ["restart"]}

# What is known of a service's image, from the table of images.
image_traits[name] := traits if {
	some name, image in input.images
	traits := data.tables.image_traits[concat("/", [image.registry, image.repository])]
}
