# METADATA
# title: Logs that leave the machine or fill it
# description: >-
#   What a service prints may hold what a client sent. A logging driver that sends it over the network gives it to the author, and one
#   that writes to a daemon of the host fills the provider's own logs. The engine itself evaluates options: `tag` is a Go template that
#   it executes, where a width of a billion ends it, and `env`, `labels` and their like put more into each line. So logs stay in files
#   that the engine rotates, with the few options that bound them, and the bound is one. A service that
#   states nothing is hardware/log-limit's. The bounds are kept in policies/data/bounds.yaml.
# related_resources:
# - description: "MITRE ATT&CK, T1048 Exfiltration Over Alternative Protocol"
#   ref: https://attack.mitre.org/techniques/T1048/
# - description: "MITRE ATT&CK for Containers, T1499 Endpoint Denial of Service"
#   ref: https://attack.mitre.org/techniques/T1499/
# - description: Docker documentation, Configure logging drivers
#   ref: https://docs.docker.com/engine/logging/configure/
# - description: Docker documentation, Customize log driver output
#   ref: https://docs.docker.com/engine/logging/log_tags/
# - description: Docker documentation, Compose file reference, services, logging
#   ref: https://docs.docker.com/reference/compose-file/services/#logging
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   keys:
#   - services.*.logging
#   remediation: >-
#     Use the driver local or json-file with `max-size: 10m` and `max-file: "3"`, or the driver none.
package trust.logging

import data.tables.bounds.logs as bounds

# All options that are let through, and what they may be.
options := {
	"compress": `^(true|false)$`,
	"max-file": `^[1-9][0-9]?$`,
	"max-size": `^[1-9][0-9]{0,8}[kKmM]$`,
}

violation contains {"path": ["services", name, "logging", "driver"], "message": message} if {
	some name, service in input.project.services
	not driver(service) in {"", "json-file", "local", "none"}
	message := sprintf("service %q sends its logs to %q", [name, service.logging.driver])
}

driver(service) := object.get(service, ["logging", "driver"], "")

violation contains {"path": ["services", name, "logging", "options", option], "message": message} if {
	some name, service in input.project.services
	some option, value in service.logging.options
	not options[option]
	message := sprintf("service %q sets the logging option %q to %q", [name, option, shown(value)])
}

# shown is enough of a value to know it again.
shown(value) := value if {
	count(value) <= 60
} else := sprintf("%s…", [substring(value, 0, 60)])

violation contains {"path": ["services", name, "logging", "options", option], "message": message} if {
	some name, service in input.project.services
	some option, value in service.logging.options
	not regex.match(options[option], value)
	message := sprintf("service %q sets the logging option %q to %q, which does not bound what its logs take", [name, option, shown(value)])
}

violation contains {"path": ["services", name, "logging", "options", "max-size"], "message": message} if {
	some name, service in input.project.services
	stated(service)
	not service.logging.options["max-size"]
	message := sprintf("service %q sets up logs without `max-size`: they grow until the disk is full", [name])
}

# The driver local has a bound of its own.
stated(service) if driver(service) == "json-file"

stated(service) if {
	driver(service) == ""
	count(service.logging.options) > 0
}

violation contains {"path": ["services", name, "logging", "options", "max-size"], "message": message} if {
	some name, service in input.project.services
	bytes := size(service.logging.options["max-size"])
	whole := bytes * files(service)
	whole > bounds.container
	message := sprintf("service %q may fill %d MB with logs: more than %d MB are never needed", [name, floor(whole / 1000000), floor(bounds.container / 1000000)])
}

violation contains {"path": ["services", name, "logging", "options", "max-size"], "message": message} if {
	some name, service in input.project.services
	size(service.logging.options["max-size"]) < bounds.file
	message := sprintf("service %q has the engine start a new log file after less than %d MB: each time is work outside of its limits", [name, bounds.file / 1000000])
}

violation contains {"path": ["services", name, "logging", "options", "max-file"], "message": message} if {
	some name, service in input.project.services
	files(service) > bounds.files
	message := sprintf("service %q keeps %d log files, which the engine renames one by one: more than %d are never needed", [name, files(service), bounds.files])
}

# Docker counts in thousands here.
size(text) := to_number(substring(text, 0, count(text) - 1)) * factor if {
	regex.match(options["max-size"], text)
	factor := {"k": 1000, "m": 1000000}[lower(substring(text, count(text) - 1, 1))]
}

files(service) := to_number(service.logging.options["max-file"]) if {
	regex.match(options["max-file"], service.logging.options["max-file"])
} else := 1 if {
	driver(service) == "json-file"
} else := bounds.usual
