# METADATA
# title: No limit of processes
# description: >-
#   A container without a limit of processes can fork until the provider's host can start nothing any more, not even the shell that would stop it.
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
#     Set `pids_limit`, or `deploy.resources.limits.pids`. A few hundred are enough for most services, a few thousand for PyTorch.
package hardware["pids-limit"]

import data.lib.services

violation contains {"path": path, "message": message} if {
	some name, service in input.project.services
	not services.pids_limit[name]
	path := array.concat(["services", name], where(service))
	message := sprintf("service %q has no limit of processes", [name])
}

where(service) := ["deploy", "resources", "limits", "pids"] if {
	not service.pids_limit
	service.deploy.resources.limits.pids
} else := ["pids_limit"]
