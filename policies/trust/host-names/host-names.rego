# METADATA
# title: Name that belongs to another host
# description: >-
#   Software on a host writes the names of containers into its hosts file or its name server, and Docker answers with them inside the
#   stack. A container that is called api.example.com there takes over that name, for the provider's own programs too. A hostname with
#   dots is a domain name in disguise. Names of one part are a template's own, but for those that are taken for granted everywhere, such as
#   localhost or wpad.
# related_resources:
# - description: "MITRE ATT&CK, T1557 Adversary-in-the-Middle"
#   ref: https://attack.mitre.org/techniques/T1557/
# - description: Docker documentation, Networking in Compose
#   ref: https://docs.docker.com/compose/how-tos/networking/
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   remediation: Use a name of one part, such as `model`, of letters, digits, `_` and `-`.
package trust["host-names"]

import data.tables.names as table

violation contains {"path": entry.path, "message": message} if {
	some entry in names
	why := problem(entry.name)
	message := sprintf("service %q answers to the name %q, %s", [entry.path[1], entry.name, why])
}

names := array.concat(
	array.concat(
		[{"path": ["services", name], "name": name} | some name, _ in input.project.services],
		[{"path": ["services", name, "hostname"], "name": service.hostname} |
			some name, service in input.project.services
			service.hostname != ""
		],
	),
	array.concat(
		[{"path": ["services", name, "networks", network, "aliases", i], "name": alias} |
			some name, service in input.project.services
			some network, joined in service.networks
			some i, alias in joined.aliases
		],
		[{"path": ["services", name, "links", i], "name": parts[1]} |
			some name, service in input.project.services
			some i, link in service.links
			parts := split(link, ":")
		],
	),
)

problem(name) := sprintf("which is that of %s", [table.taken[lower(name)]]) if {
	table.taken[lower(name)]
} else := "which may be that of another host" if {
	not regex.match(table.shape, name)
}
