# METADATA
# title: Resource that belongs to somebody else
# description: >-
#   An external volume, network, config or secret was made by somebody else on the provider's
#   machine, and so was the container behind an external link. A fixed `name` does the same by the
#   back door: it takes the project's prefix away, so that two sources share the data of one volume
#   or the traffic of one network.
# related_resources:
# - description: "MITRE ATT&CK for Containers, T1611 Escape to Host"
#   ref: https://attack.mitre.org/techniques/T1611/
# - description: Docker documentation, Compose file reference, volumes, external
#   ref: https://docs.docker.com/reference/compose-file/volumes/#external
# - description: Docker documentation, Compose file reference, networks, external
#   ref: https://docs.docker.com/reference/compose-file/networks/#external
# - description: Docker documentation, Compose file reference, services, external_links
#   ref: https://docs.docker.com/reference/compose-file/services/#external_links
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   keys:
#   - services.*.external_links
#   - volumes.*.external
#   - networks.*.external
#   - configs.*.external
#   - secrets.*.external
#   - volumes.*.name
#   - networks.*.name
#   remediation: >-
#     Remove `external`, `name` and `external_links`; Compose then makes the resource for this stack
#     alone.
package trust["external-resource"]

violation contains {"path": [section, name, "external"], "message": message} if {
	some section in ["volumes", "networks", "configs", "secrets"]
	some name, resource in input.project[section]
	resource.external
	message := sprintf("%q under %s is external: it belongs to something else on the host", [name, section])
}

violation contains {"path": [section, name, "name"], "message": message} if {
	some section in ["volumes", "networks"]
	some name, resource in input.project[section]
	resource.name
	not resource.external
	message := sprintf("%q under %s has the fixed name %q, which every source on the host would share", [name, section, resource.name])
}

violation contains {"path": ["services", name, "external_links", i], "message": message} if {
	some name, service in input.project.services
	some i, link in service.external_links
	message := sprintf("service %q links to %q, a container outside its stack", [name, link])
}
