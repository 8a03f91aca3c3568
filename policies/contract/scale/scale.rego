# METADATA
# title: More or fewer containers than one
# description: >-
#   A port of the host goes to one container: the second of a service that publishes one does not start. A service with none
#   never runs. A deploy mode other than `replicated` means something only in a swarm, which a provider is not.
# related_resources:
# - description: Compose Specification, deploy
#   ref: https://docs.docker.com/reference/compose-file/deploy/
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   keys:
#   - services.*.scale
#   - services.*.deploy.mode
#   - services.*.deploy.replicas
#   remediation: Remove `scale`, `deploy.replicas` and `deploy.mode`.
package contract.scale

import data.lib.services

violation contains {"path": path, "message": message} if {
	some name, service in input.project.services
	number := services.scale(service)
	number != 1
	impossible(name, number)
	path := array.concat(["services", name], where(service))
	message := sprintf("service %q is to run %d times%s", [name, number, reason(number)])
}

impossible(name, _) if name in services.publishers

impossible(_, number) if number < 1

reason(number) := ", and publishes a port that only one container can have" if {
	number > 1
} else := ": it never starts"

where(service) := ["scale"] if {
	service.scale
} else := ["deploy", "replicas"]

violation contains {"path": ["services", name, "deploy", "mode"], "message": message} if {
	some name, service in input.project.services
	not service.deploy.mode in {"", "replicated"}
	message := sprintf("service %q has the deploy mode %q, which only a swarm knows", [name, service.deploy.mode])
}
