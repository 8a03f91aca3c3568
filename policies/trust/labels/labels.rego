# METADATA
# title: Label that does more than document
# description: >-
#   Proxies, updaters, firewalls, schedulers and agents on a provider's host read the labels of every container, volume and
#   network. Through them a template could publish a port, run a command on the host or have itself replaced by another image, and
#   nobody knows all that such software obeys. So only labels that document are let through, and not more of them than a
#   description takes: what writes logs may repeat them with each line. Annotations go to the container runtime, and are judged alike.
#   The prefixes and bounds are kept in policies/data/labels.yaml.
# related_resources:
# - description: Compose Specification, labels
#   ref: https://docs.docker.com/reference/compose-file/services/#labels
# - description: MITRE ATT&CK for Containers, T1053 Scheduled Task/Job
#   ref: https://attack.mitre.org/techniques/T1053/
# - description: OpenContainers, annotations
#   ref: https://github.com/opencontainers/image-spec/blob/main/annotations.md
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   keys:
#   - services.*.labels
#   - services.*.annotations
#   - services.*.deploy.labels
#   - services.*.build.labels
#   - services.*.volumes.*.volume.labels
#   - networks.*.labels
#   - volumes.*.labels
#   - configs.*.labels
#   - secrets.*.labels
#   remediation: >-
#     Remove the label. To document, use `org.opencontainers.image.title`, `.description`, `.url` or another of that family, or
#     `network.opengpu.template.` and a name of your own.
package trust.labels

import data.lib.compose
import data.tables.labels as table

violation contains {"path": label.path, "message": message} if {
	some label in marks
	not documents(label.name)
	message := sprintf("%s has the %s %q, which %s", [compose.owner(label.path), label.kind, label.name, reason(label.name)])
}

violation contains {"path": label.path, "message": message} if {
	some label in marks
	count(label.value) > table.bytes
	message := sprintf("%s has the %s %q with a value of %d characters: %d are enough to document", [compose.owner(label.path), label.kind, label.name, count(label.value), table.bytes])
}

violation contains {"path": place, "message": message} if {
	some place in {array.slice(mark.path, 0, count(mark.path) - 1) | some mark in marks}
	number := count(object.get(input.project, place, {}))
	number > table.count
	message := sprintf("%s has %d labels in one place: %d are enough to document", [compose.owner(place), number, table.count])
}

marks := array.concat(
	[object.union(label, {"kind": "label"}) | some label in compose.labels],
	[{"path": ["services", name, "annotations", key], "name": key, "value": value, "kind": "annotation"} |
		some name, service in input.project.services
		some key, value in service.annotations
	],
)

# documents is true for a plain name below one of the prefixes.
documents(name) if {
	regex.match(`^[a-z0-9]+([._-][a-z0-9]+)+$`, name)
	segments := split(name, ".")
	some length in [2, 3]
	length < count(segments)
	table.documentation[concat(".", array.slice(segments, 0, length))]
}

reason(name) := sprintf("%s on the host obeys", [known(name, table.obeyed)]) if {
	known(name, table.obeyed)
} else := "software on the host may obey: it is none of those that only document"

# known is the value of the shortest prefix in the table that the name starts
# with. No prefix has more than three segments.
known(name, prefixes) := [value |
	segments := split(lower(name), ".")
	some length in [1, 2, 3]
	length <= count(segments)
	prefix := concat(".", array.slice(segments, 0, length))
	some start in {prefix, regex.replace(prefix, `[_/].*$`, "")}
	value := prefixes[start]
][0]
