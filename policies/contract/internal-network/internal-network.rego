# METADATA
# title: Inner service with a way out
# description: >-
#   A database or a cache that talks to nobody but its stack needs no way to the internet or to the provider's network. On an
#   internal network it has none, whatever happens to be wrong with it. The rule knows such images from a table.
# related_resources:
# - description: Compose Specification, internal networks
#   ref: https://docs.docker.com/reference/compose-file/networks/#internal
# custom:
#   severity: warning
#   waivable: true
#   subject: compose
#   remediation: >-
#     Declare a network with `internal: true`, put this service on it alone, and the services that use it on both this
#     network and `default`.
package contract["internal-network"]

import data.lib.services

violation contains {"path": ["services", name, "networks", network], "message": message} if {
	some name, traits in services.image_traits
	traits.egress == false
	not name in services.publishers
	some network, _ in input.project.services[name].networks
	not input.project.networks[network].internal
	message := sprintf("service %q needs no way out, and has one through the network %q", [name, network])
}
