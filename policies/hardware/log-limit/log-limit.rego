# METADATA
# title: No limit of logs
# description: >-
#   The engine writes what a container prints to a file on the provider's disk, and Docker's own setting bounds it by nothing: a
#   service that prints for ever fills the disk, which no other limit of a container counts. A driver or options that are stated
#   are judged by trust/logging.
# related_resources:
# - description: "MITRE ATT&CK for Containers, T1499 Endpoint Denial of Service"
#   ref: https://attack.mitre.org/techniques/T1499/
# - description: Docker documentation, Configure logging drivers
#   ref: https://docs.docker.com/engine/logging/configure/
# - description: Docker documentation, Local file logging driver
#   ref: https://docs.docker.com/engine/logging/drivers/local/
# custom:
#   severity: warning
#   waivable: true
#   subject: compose
#   remediation: 'Give the service `logging: {driver: local, options: {max-size: 10m, max-file: "3"}}`.'
package hardware["log-limit"]

violation contains {"path": ["services", name, "logging"], "message": message} if {
	some name, service in input.project.services
	not stated(service)
	message := sprintf("service %q has no limit of logs", [name])
}

# The drivers local and none are bounded; what else is stated is trust/logging's.
stated(service) if object.get(service, ["logging", "driver"], "") != ""

stated(service) if count(service.logging.options) > 0
