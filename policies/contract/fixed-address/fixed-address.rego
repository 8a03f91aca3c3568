# METADATA
# title: Fixed network address
# description: >-
#   A subnet, an IP address, a MAC address or a bridge's name exists once on a host. The second source that wants the same
#   one does not start, and one that overlaps with the provider's own network cuts the provider off.
# related_resources:
# - description: Compose Specification, networks
#   ref: https://docs.docker.com/reference/compose-file/networks/
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   remediation: Remove the address and let Docker choose. Services reach each other by name.
package contract["fixed-address"]

violation contains {"path": ["services", name, "mac_address"], "message": message} if {
	some name, service in input.project.services
	service.mac_address != ""
	message := sprintf("service %q has the fixed address %q", [name, service.mac_address])
}

violation contains {"path": ["services", name, "networks", network, key], "message": message} if {
	some name, service in input.project.services
	some network, membership in service.networks
	some key in ["ipv4_address", "ipv6_address", "link_local_ips", "mac_address"]
	address := membership[key]
	count(address) > 0
	message := sprintf("service %q has the fixed address %v on the network %q", [name, address, network])
}

violation contains {"path": ["networks", name, "ipam", "config", i], "message": message} if {
	some name, network in input.project.networks
	some i, config in network.ipam.config
	count(config) > 0
	message := sprintf("network %q has fixed addresses, which other networks of the host may have", [name])
}

violation contains {"path": ["networks", name, "driver_opts", option], "message": message} if {
	some name, network in input.project.networks
	option := "com.docker.network.bridge.name"
	network.driver_opts[option]
	message := sprintf("network %q has the fixed bridge %q, which the host can have once", [name, network.driver_opts[option]])
}
