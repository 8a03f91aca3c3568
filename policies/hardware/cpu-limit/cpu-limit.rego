# METADATA
# title: No limit of CPUs
# description: >-
#   A container without a limit of CPUs can slow down everything else on the provider, other sources' tasks included, until they miss their deadlines.
# related_resources:
# - description: OWASP Docker Security Cheat Sheet, rule 7
#   ref: https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html
# - description: Docker, resource constraints
#   ref: https://docs.docker.com/engine/containers/resource_constraints/
# custom:
#   severity: warning
#   waivable: true
#   subject: compose
#   remediation: >-
#     Set `cpus`, or `deploy.resources.limits.cpus`, to what the service needs at most.
package hardware["cpu-limit"]

import data.lib.services

violation contains {"path": path, "message": message} if {
	some name, service in input.project.services
	not services.cpu_limit[name]
	path := array.concat(["services", name], where(service))
	message := sprintf("service %q has no limit of CPUs", [name])
}

where(service) := ["deploy", "resources", "limits", "cpus"] if {
	not service.cpus
	service.deploy.resources.limits.cpus
} else := ["cpus"]
