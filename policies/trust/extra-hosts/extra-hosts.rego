# METADATA
# title: Host entry other than the gateway
# description: >-
#   Host entries override name resolution. The protocol needs one, which leads the callback to the
#   provider's host. Any other sends a name that looks harmless to an address of the author's choice,
#   on the provider's network or on the host itself.
# related_resources:
# - description: "MITRE ATT&CK, T1557 Adversary-in-the-Middle"
#   ref: https://attack.mitre.org/techniques/T1557/
# - description: Docker documentation, Compose file reference, services, extra_hosts
#   ref: https://docs.docker.com/reference/compose-file/services/#extra_hosts
# - description: Docker documentation, docker run, add-host
#   ref: https://docs.docker.com/reference/cli/docker/container/run/#add-host
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   keys:
#   - services.*.extra_hosts
#   remediation: >-
#     Keep `host.docker.internal:host-gateway` alone.
package trust["extra-hosts"]

violation contains {"path": ["services", name, "extra_hosts", host], "message": message} if {
	some name, service in input.project.services
	some host, addresses in service.extra_hosts
	not gateway(host, addresses)
	message := sprintf("service %q sends the name %q to %q", [name, host, concat(", ", addresses)])
}

gateway("host.docker.internal", addresses) if {
	every address in addresses {
		address == "host-gateway"
	}
}
