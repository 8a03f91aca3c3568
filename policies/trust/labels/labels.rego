# METADATA
# title: Label that software on the host obeys
# description: >-
#   Proxies, updaters, schedulers and agents on a provider's host read the labels
#   of every container. Through them a template could publish a port, run a
#   command or have itself replaced by another image. Labels of Compose itself
#   make a container look like part of another stack. The prefixes are kept in
#   policies/data/labels.yaml. Annotations go to the container runtime, so only
#   those that document are let through.
# related_resources:
# - description: Compose Specification, labels
#   ref: https://docs.docker.com/reference/compose-file/services/#labels
# - description: MITRE ATT&CK for Containers, T1053 Scheduled Task/Job
#   ref: https://attack.mitre.org/techniques/T1053/
# - description: Ofelia, jobs from labels
#   ref: https://github.com/mcuadros/ofelia#docker-labels-configurations
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   remediation: Remove the label. To document the service, use `org.opencontainers.image.*` or a prefix of your own.
package trust.labels

import data.lib.compose
import data.tables

violation contains {"path": label.path, "message": message} if {
	some label in compose.labels
	software := known(label.name, tables.labels)
	message := sprintf("%s has the label %q, which %s on the host obeys", [compose.owner(label.path), label.name, software])
}

violation contains {"path": ["services", name, "annotations", key], "message": message} if {
	some name, service in input.project.services
	some key, _ in service.annotations
	not known(key, tables.documentation)
	message := sprintf("service %q has the annotation %q, which a container runtime may obey", [name, key])
}

violation contains {"path": setting.path, "message": message} if {
	some setting in compose.settings
	software := tables.proxy_variables[setting.name]
	message := sprintf("service %q sets %q, which %s on the host obeys", [setting.service, setting.name, software])
}

# known is the value of the shortest prefix in the table that the name starts
# with. No prefix has more than three segments.
known(name, table) := [value |
	segments := split(lower(name), ".")
	some length in [1, 2, 3]
	length <= count(segments)
	prefix := concat(".", array.slice(segments, 0, length))
	some start in {prefix, regex.replace(prefix, `[_/].*$`, "")}
	value := table[start]
][0]
