# METADATA
# title: Network of the host
# description: >-
#   A bridge network belongs to one stack. Macvlan, ipvlan, overlay and plug-in networks put
#   containers on the provider's own network, options bind a bridge to interfaces and addresses of
#   the host, and a fixed range of addresses can hide a part of the provider's network or collide
#   with another source.
# related_resources:
# - description: "CIS Docker Benchmark v1.6.0, 5.10 Ensure that the host's network namespace is not shared"
#   ref: https://www.cisecurity.org/benchmark/docker
# - description: OWASP Docker Security Cheat Sheet, rule 5 Be mindful of Inter-Container Connectivity
#   ref: https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html
# - description: Docker documentation, Network drivers
#   ref: https://docs.docker.com/engine/network/drivers/
# - description: Docker documentation, Bridge network driver, options
#   ref: https://docs.docker.com/engine/network/drivers/bridge/#options
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   remediation: >-
#     Remove the driver, its options and the addresses; the default bridge network of the stack is
#     enough.
package trust["network-driver"]

# Options that only concern the inside of the stack's own bridge.
harmless := {
	"com.docker.network.bridge.enable_icc",
	"com.docker.network.bridge.enable_ip_masquerade",
	"com.docker.network.driver.mtu",
}

violation contains {"path": ["networks", name, "driver"], "message": message} if {
	some name, network in input.project.networks
	not object.get(network, "driver", "") in {"", "bridge", "default"}
	message := sprintf("network %q uses the driver %q, which leads beyond the stack", [name, network.driver])
}

violation contains {"path": ["networks", name, "driver_opts", option], "message": message} if {
	some name, network in input.project.networks
	some option, value in network.driver_opts
	not option in harmless
	message := sprintf("network %q sets the driver option %q to %q", [name, option, value])
}

violation contains {"path": ["networks", name, "ipam", "driver"], "message": message} if {
	some name, network in input.project.networks
	driver := network.ipam.driver
	not driver in {"", "default"}
	message := sprintf("network %q gets its addresses from the driver %q, a plug-in of the host", [name, driver])
}

violation contains {"path": ["networks", name, "ipam", "options", option], "message": message} if {
	some name, network in input.project.networks
	some option, _ in network.ipam.options
	message := sprintf("network %q sets the address option %q", [name, option])
}

violation contains {"path": ["networks", name, "ipam", "config", i, key], "message": message} if {
	some name, network in input.project.networks
	some i, pool in network.ipam.config
	some key in ["subnet", "ip_range", "gateway", "aux_addresses"]
	pool[key]
	message := sprintf("network %q fixes its addresses (%s), which may be in use on the host", [name, key])
}

violation contains {"path": ["services", service, "networks", name, key], "message": message} if {
	some service, body in input.project.services
	some name, endpoint in body.networks
	some key in ["driver_opts", "link_local_ips"]
	count(object.get(endpoint, key, [])) > 0
	message := sprintf("service %q sets %s on the network %q", [service, key, name])
}
