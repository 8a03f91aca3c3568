# METADATA
# title: Fixed name of a network or a volume
# description: >-
#   Compose puts the project's name before the names of networks and volumes, so that sources keep apart. A `name` of one's
#   own takes that away: two sources with the same name share the volume's data, or sit on one network and see each other's
#   services.
# related_resources:
# - description: Compose Specification, volumes
#   ref: https://docs.docker.com/reference/compose-file/volumes/#name
# - description: Compose Specification, networks
#   ref: https://docs.docker.com/reference/compose-file/networks/#name
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   remediation: Remove `name` from the network or volume.
package contract["fixed-name"]

violation contains {"path": [section, key, "name"], "message": message} if {
	some section, kind in {"networks": "network", "volumes": "volume"}
	some key, resource in input.project[section]
	resource.name != ""
	not resource.external
	message := sprintf("%s %q has the fixed name %q: other sources with that name share it", [kind, key, resource.name])
}
