# METADATA
# title: Another port of the host
# description: >-
#   Several sources run side by side on one provider. Two that want the same port of the host cannot run together, and
#   20000 belongs to the provider itself. A random port does not collide, but opens an inner service to the provider's network.
#   Services of one stack reach each other without publishing anything.
# related_resources:
# - description: Docker, port publishing
#   ref: https://docs.docker.com/engine/network/port-publishing/
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   remediation: Remove the port. Other services of the stack reach it by the service's name; `expose` says so if you like.
package contract["fixed-port"]

import data.lib.services

violation contains {"path": ["services", name, "ports", i, "published"], "message": message} if {
	some name, service in input.project.services
	some i, port in service.ports
	not services.protocol_port(port)
	message := sprintf("service %q publishes container port %v on %s: only \"${PORT}:5555\" may be published", [name, object.get(port, "target", ""), host_port(port)])
}

host_port(port) := sprintf("the host's port %q", [port.published]) if {
	not port.published in {"", "0"}
} else := "a random port of the host"
