# METADATA
# title: Limits that do not agree
# description: >-
#   A provider decides by the hardware that the manifest states, and Docker enforces the limits that the compose file sets.
#   When the services together may use more than is stated, the machine that was promised is too small. A reservation above
#   its limit, or less swap and memory together than memory, is refused by Docker.
# related_resources:
# - description: Docker, resource constraints
#   ref: https://docs.docker.com/engine/containers/resource_constraints/
# custom:
#   severity: warning
#   waivable: true
#   subject: compose
#   remediation: >-
#     Let the limits of all services add up to no more than the manifest's `ram` and `cpus`, and keep reservations below
#     limits.
package hardware["limits-agree"]

import data.lib.services

hardware := input.template.manifest.environments[input.environment].hardware

violation contains {"path": ["services"], "message": message} if {
	total := total_of(services.memory_limit)
	total > hardware.ram
	message := sprintf("the services may use %d MiB of memory together, and the manifest states %d MiB of RAM", [ceil(total / 1048576), floor(hardware.ram / 1048576)])
}

violation contains {"path": ["services"], "message": message} if {
	total := total_of(services.cpu_limit)
	total > hardware.cpus + 0.001
	message := sprintf("the services may use %v CPUs together, and the manifest states %v", [round(total * 100) / 100, hardware.cpus])
}

total_of(limits) := sum([whole |
	some name, limit in limits
	whole := limit * services.scale(input.project.services[name])
])

violation contains {"path": ["services", name, "memswap_limit"], "message": message} if {
	some name, service in input.project.services
	service.memswap_limit > 0
	service.memswap_limit < services.memory_limit[name]
	message := sprintf("service %q has a limit of memory and swap together below its limit of memory: Docker refuses that", [name])
}

violation contains {"path": ["services", name, "mem_reservation"], "message": message} if {
	some name, service in input.project.services
	service.mem_reservation > services.memory_limit[name]
	message := sprintf("service %q reserves more memory than its limit", [name])
}

violation contains {"path": ["services", name, "deploy", "resources", "reservations", "memory"], "message": message} if {
	some name, service in input.project.services
	service.deploy.resources.reservations.memory > services.memory_limit[name]
	message := sprintf("service %q reserves more memory than its limit", [name])
}

violation contains {"path": ["services", name, "deploy", "resources", "reservations", "cpus"], "message": message} if {
	some name, service in input.project.services
	service.deploy.resources.reservations.cpus > services.cpu_limit[name]
	message := sprintf("service %q reserves more CPUs than its limit", [name])
}
