# METADATA
# title: Container that may refuse to stop for long
# description: >-
#   A provider that stops a source waits for the grace period, while the
#   container keeps its memory and its GPU. Minutes are enough to finish a task.
# related_resources:
# - description: Compose Specification, stop_grace_period
#   ref: https://docs.docker.com/reference/compose-file/services/#stop_grace_period
# custom:
#   severity: warning
#   waivable: true
#   subject: compose
#   keys:
#   - services.*.stop_grace_period
#   remediation: Use a `stop_grace_period` of at most five minutes.
package trust["stop-grace"]

# seconds is the longest grace period that is accepted.
seconds := 300

violation contains {"path": ["services", name, "stop_grace_period"], "message": message} if {
	some name, service in input.project.services
	service.stop_grace_period > seconds
	message := sprintf("service %q may take %v seconds to stop, and %v are enough", [name, service.stop_grace_period, seconds])
}
