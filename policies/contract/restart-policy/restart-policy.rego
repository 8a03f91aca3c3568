# METADATA
# title: Restart policy that does not let go
# description: >-
#   A container that restarts `always` comes back when Docker starts, also after the provider has stopped it. A service that is
#   to end by itself, and restarts whenever it ends, never lets the services start that wait for its end.
# related_resources:
# - description: Docker, start containers automatically
#   ref: https://docs.docker.com/engine/containers/start-containers-automatically/
# custom:
#   severity: warning
#   waivable: true
#   subject: compose
#   remediation: >-
#     Use `restart: unless-stopped` or `restart: on-failure`; for a service that ends by itself `on-failure` or `"no"`.
package contract["restart-policy"]

import data.lib.services

violation contains {"path": array.concat(["services", name], restart.path), "message": message} if {
	some name, service in input.project.services
	restart := services.restart(service)
	restart.policy == "always"
	message := sprintf("service %q restarts always, also after the provider has stopped it", [name])
}

violation contains {"path": array.concat(["services", name], restart.path), "message": message} if {
	some name in services.one_shots
	restart := services.restart(input.project.services[name])
	restart.policy == "unless-stopped"
	message := sprintf("service %q is to end by itself, and restarts whenever it ends", [name])
}
