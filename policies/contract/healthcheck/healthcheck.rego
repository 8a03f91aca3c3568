# METADATA
# title: No healthcheck
# description: >-
#   A handler starts serving minutes after its container starts, when its models are there. Without a healthcheck neither the
#   provider nor the services that depend on it can tell a stack that loads from one that serves or one that hangs.
# related_resources:
# - description: Compose Specification, healthcheck
#   ref: https://docs.docker.com/reference/compose-file/services/#healthcheck
# custom:
#   severity: warning
#   waivable: true
#   subject: compose
#   remediation: >-
#     Add a `healthcheck` whose `test` asks the service itself, with a `start_period` as long as it may take to load.
#     Waive the finding when the image holds nothing that could ask.
package contract.healthcheck

import data.lib.services

violation contains {"path": ["services", name, "healthcheck"], "message": message} if {
	some name, service in input.project.services
	not name in services.one_shots
	not services.checked(service)
	message := sprintf("service %q %s", [name, problem(service)])
}

problem(service) := "switches its healthcheck off" if {
	switched_off(service.healthcheck)
} else := "has a healthcheck without a test" if {
	service.healthcheck
} else := "has no healthcheck"

switched_off(healthcheck) if healthcheck.disable

switched_off(healthcheck) if healthcheck.test[0] == "NONE"
