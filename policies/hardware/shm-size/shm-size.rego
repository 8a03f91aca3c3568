# METADATA
# title: Shared memory not stated
# description: >-
#   Docker gives a container 64 MB of shared memory. PyTorch passes tensors between its processes through it, and dies with a
#   bus error when it is full. What is written to it counts against the service's limit of memory.
# related_resources:
# - description: PyTorch, Docker image
#   ref: https://github.com/pytorch/pytorch#docker-image
# custom:
#   severity: warning
#   waivable: true
#   subject: compose
#   remediation: 'Set `shm_size` on the service, below its limit of memory; 1g is enough for most models.'
package hardware["shm-size"]

import data.lib.compose
import data.lib.services

violation contains {"path": ["services", name, "shm_size"], "message": message} if {
	some name in shares
	service := input.project.services[name]
	not states(service)
	message := sprintf("service %q works on tensors and does not say how much shared memory it needs", [name])
}

violation contains {"path": ["services", name, "shm_size"], "message": message} if {
	some name, service in input.project.services
	service.shm_size > services.memory_limit[name]
	message := sprintf("service %q has more shared memory than its limit of memory", [name])
}

violation contains {"path": ["services", name, "volumes", i], "message": message} if {
	some name, service in input.project.services
	some i, volume in service.volumes
	in_memory(volume)
	volume.tmpfs.size > services.memory_limit[name]
	message := sprintf("service %q has more shared memory than its limit of memory", [name])
}

# The services that are known to use it, and those on a GPU that are not known
# to do without.
shares contains name if {
	some name, traits in services.image_traits
	traits.shm == true
}

shares contains name if {
	some name in services.gpu_services
	object.get(services.image_traits, [name, "shm"], true)
}

states(service) if service.shm_size > 0

states(service) if {
	some volume in service.volumes
	in_memory(volume)
}

states(service) if {
	some entry in service.tmpfs
	compose.clean(split(entry, ":")[0]) == "/dev/shm"
}

states(service) if startswith(service.ipc, "service:")

in_memory(volume) if {
	volume.type == "tmpfs"
	volume.target == "/dev/shm"
}
