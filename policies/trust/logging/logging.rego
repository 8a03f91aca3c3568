# METADATA
# title: Logs that leave the machine
# description: >-
#   What a service prints may hold what a client sent. A logging driver that sends it over the
#   network gives it to the author, and one that writes to a daemon of the host fills the provider's
#   own logs. Logs stay in files that the engine rotates.
# related_resources:
# - description: "MITRE ATT&CK, T1048 Exfiltration Over Alternative Protocol"
#   ref: https://attack.mitre.org/techniques/T1048/
# - description: Docker documentation, Configure logging drivers
#   ref: https://docs.docker.com/engine/logging/configure/
# - description: Docker documentation, Compose file reference, services, logging
#   ref: https://docs.docker.com/reference/compose-file/services/#logging
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   keys:
#   - services.*.logging
#   remediation: >-
#     Use the driver local or json-file, with `max-size` and `max-file`, or none.
package trust.logging

# What the drivers local and json-file know, and the engine itself.
# `mode` and `max-buffer-size` are not here: the buffer is memory of the engine.
known := {"compress", "env", "env-regex", "labels", "labels-regex", "max-file", "max-size", "tag"}

# What the two that bound the disk may be.
bounded := {"max-file": `^[1-9][0-9]?$`, "max-size": `^[1-9][0-9]{0,3}[kKmM]$`}

violation contains {"path": ["services", name, "logging", "driver"], "message": message} if {
	some name, service in input.project.services
	not object.get(service, ["logging", "driver"], "") in {"", "json-file", "local", "none"}
	message := sprintf("service %q sends its logs to %q", [name, service.logging.driver])
}

violation contains {"path": ["services", name, "logging", "options", option], "message": message} if {
	some name, service in input.project.services
	some option, value in service.logging.options
	not option in known
	message := sprintf("service %q sets the logging option %q to %q", [name, option, value])
}

violation contains {"path": ["services", name, "logging", "options", option], "message": message} if {
	some name, service in input.project.services
	some option, pattern in bounded
	value := service.logging.options[option]
	not regex.match(pattern, value)
	message := sprintf("service %q sets the logging option %q to %q, which does not bound what its logs take", [name, option, value])
}
