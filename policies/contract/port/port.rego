# METADATA
# title: The protocol's port is not published
# description: >-
#   A provider gives a source one port of its host, in the variable PORT, and calls the handler on it. Exactly one service
#   publishes that port, once, to container port 5555. A host address, 127.0.0.1 included, shuts the provider out: its own
#   modules are containers that reach the stack through the host's gateway.
# related_resources:
# - description: Compose Specification, ports
#   ref: https://docs.docker.com/reference/compose-file/services/#ports
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   remediation: 'Give the handler, and no other service, `ports: ["${PORT}:5555"]`.'
package contract.port

import data.lib.services

violation contains {"path": ["services"], "message": "no service publishes \"${PORT}:5555\": the provider cannot reach the handler"} if {
	input.project
	count(services.protocol_ports) == 0
}

violation contains {"path": array.concat(entry.path, ["target"]), "message": message} if {
	some entry in services.protocol_ports
	entry.port.target != 5555
	message := sprintf("service %q publishes \"${PORT}\" to container port %d: the handler listens on 5555", [entry.service, entry.port.target])
}

violation contains {"path": array.concat(entry.path, ["published"]), "message": message} if {
	some entry in services.protocol_ports
	published := object.get(entry.port, "published", "")
	published != "${PORT}"
	message := sprintf("service %q publishes container port 5555 on %s: it must be \"${PORT}\"", [entry.service, host_port(published)])
}

host_port("") := "a random port of the host"

host_port(published) := sprintf("the host's port %q", [published]) if published != ""

violation contains {"path": array.concat(entry.path, ["host_ip"]), "message": message} if {
	some entry in services.protocol_ports
	not entry.port.host_ip in {"", null}
	message := sprintf("service %q publishes the port on the address %q: the provider's modules do not reach it there", [entry.service, entry.port.host_ip])
}

violation contains {"path": array.concat(entry.path, ["protocol"]), "message": message} if {
	some entry in services.protocol_ports
	not tcp(entry.port)
	message := sprintf("service %q publishes the port for %q: the handler speaks HTTP over tcp", [entry.service, entry.port.protocol])
}

violation contains {"path": entry.path, "message": message} if {
	taken := [p | some p in services.protocol_ports; contains(p.port.published, "${PORT}"); tcp(p.port)]
	count(taken) > 1
	some entry in taken
	message := sprintf("service %q publishes \"${PORT}\", which is published %d times: only one mapping can have it", [entry.service, count(taken)])
}

tcp(port) if lower(object.get(port, "protocol", "tcp")) == "tcp"
