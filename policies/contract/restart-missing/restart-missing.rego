# METADATA
# title: No restart policy
# description: >-
#   A service that has no restart policy stays down after its first crash, and after the provider's machine has restarted.
#   The source then answers no tasks, until somebody looks.
# related_resources:
# - description: Docker, start containers automatically
#   ref: https://docs.docker.com/engine/containers/start-containers-automatically/
# custom:
#   severity: notice
#   waivable: true
#   subject: compose
#   remediation: 'Add `restart: unless-stopped`.'
package contract["restart-missing"]

import data.lib.services

violation contains {"path": ["services", name, "restart"], "message": message} if {
	some name, service in input.project.services
	not name in services.one_shots
	not restarts(service)
	message := sprintf("service %q stays down after a crash: it has no restart policy", [name])
}

restarts(service) if services.restart(service).policy != "no"
