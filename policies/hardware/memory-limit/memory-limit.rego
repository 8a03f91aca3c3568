# METADATA
# title: No limit of memory
# description: >-
#   A container without a limit of memory can take all that the provider has. The kernel then kills whatever it likes, other sources and the provider's own modules among it.
# related_resources:
# - description: OWASP Docker Security Cheat Sheet, rule 7
#   ref: https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html
# - description: Docker, resource constraints
#   ref: https://docs.docker.com/engine/containers/resource_constraints/
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   remediation: >-
#     Set `mem_limit`, or `deploy.resources.limits.memory`, to what the service needs at most.
package hardware["memory-limit"]

import data.lib.services

violation contains {"path": path, "message": message} if {
	some name, service in input.project.services
	not services.memory_limit[name]
	path := array.concat(["services", name], where(service))
	message := sprintf("service %q has no limit of memory", [name])
}

where(service) := ["deploy", "resources", "limits", "memory"] if {
	not service.mem_limit
	service.deploy.resources.limits.memory
} else := ["mem_limit"]
