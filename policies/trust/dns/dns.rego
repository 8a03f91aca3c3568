# METADATA
# title: Name resolution of its own choice
# description: >-
#   With its own resolver or search domain a service no longer asks whom the provider asks: names
#   lead where the author wants, the provider's filters do not apply, and lookups carry data out.
#   Search domains also try names inside the provider's network.
# related_resources:
# - description: "MITRE ATT&CK, T1048 Exfiltration Over Alternative Protocol"
#   ref: https://attack.mitre.org/techniques/T1048/
# - description: Docker documentation, Networking, DNS services
#   ref: https://docs.docker.com/engine/network/#dns-services
# - description: Docker documentation, Compose file reference, services, dns
#   ref: https://docs.docker.com/reference/compose-file/services/#dns
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   keys:
#   - services.*.dns
#   - services.*.dns_opt
#   - services.*.dns_search
#   - services.*.domainname
#   remediation: >-
#     Remove `dns`, `dns_opt`, `dns_search` and `domainname`. Services find each other by name
#     without them.
package trust.dns

violation contains {"path": ["services", name, key, i], "message": message} if {
	some name, service in input.project.services
	some key in ["dns", "dns_opt", "dns_search"]
	some i, value in service[key]
	message := sprintf("service %q changes how names are resolved: %s %q", [name, key, value])
}

violation contains {"path": ["services", name, "domainname"], "message": message} if {
	some name, service in input.project.services
	service.domainname != ""
	message := sprintf("service %q gives itself the domain name %q", [name, service.domainname])
}
