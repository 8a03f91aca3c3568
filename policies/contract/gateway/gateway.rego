# METADATA
# title: The handler cannot reach the provider
# description: >-
#   The callback's address is host.docker.internal, on the provider's host. On Linux that name exists only where
#   `extra_hosts` gives it, and the host is out of reach from an internal network or without a network of one's own.
# related_resources:
# - description: Compose Specification, extra_hosts
#   ref: https://docs.docker.com/reference/compose-file/services/#extra_hosts
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   remediation: >-
#     Give the service that publishes the port `extra_hosts: ["host.docker.internal:host-gateway"]`, and leave it on
#     the default network.
package contract.gateway

import data.lib.services

handlers := {entry.service | some entry in services.protocol_ports}

violation contains {"path": ["services", name, "extra_hosts", "host.docker.internal"], "message": message} if {
	some name in handlers
	service := input.project.services[name]
	not without_network(service)
	not knows_gateway(service)
	message := sprintf("service %q publishes the port, but does not know \"host.docker.internal\", where its results go", [name])
}

violation contains {"path": ["services", name, "network_mode"], "message": message} if {
	some name in handlers
	service := input.project.services[name]
	without_network(service)
	message := sprintf("service %q has the network mode %q: it cannot publish the port and reach the gateway", [name, service.network_mode])
}

violation contains {"path": ["services", name, "networks"], "message": message} if {
	some name in handlers
	networks := input.project.services[name].networks
	count(networks) > 0
	every network, _ in networks {
		input.project.networks[network].internal
	}
	message := sprintf("service %q sits on internal networks only: its results cannot reach the provider", [name])
}

knows_gateway(service) if "host-gateway" in service.extra_hosts["host.docker.internal"]

without_network(service) if service.network_mode in {"none", "host"}

without_network(service) if startswith(service.network_mode, "service:")

without_network(service) if startswith(service.network_mode, "container:")
