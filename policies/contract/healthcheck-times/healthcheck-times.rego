# METADATA
# title: Healthcheck with odd times
# description: >-
#   A healthcheck that runs every second takes the processor's time from tasks; one that runs every ten minutes, or may take
#   minutes, tells the provider too late that the service is gone.
# related_resources:
# - description: Compose Specification, healthcheck
#   ref: https://docs.docker.com/reference/compose-file/services/#healthcheck
# custom:
#   severity: notice
#   waivable: true
#   subject: compose
#   remediation: >-
#     Keep `interval` between 2 seconds and 5 minutes, `timeout` below one minute, `start_period` below one hour and
#     `retries` below 100.
package contract["healthcheck-times"]

bounds := {
	"interval": {"min": 2, "max": 300},
	"timeout": {"min": 0.1, "max": 60},
	"start_period": {"min": 0, "max": 3600},
	"retries": {"min": 1, "max": 100},
}

violation contains {"path": ["services", name, "healthcheck", key], "message": message} if {
	some name, service in input.project.services
	some key, bound in bounds
	value := service.healthcheck[key]
	value != 0
	outside(value, bound)
	message := sprintf("service %q has a healthcheck with %s %v, which is not within %v and %v", [name, key, value, bound.min, bound.max])
}

outside(value, bound) if value < bound.min

outside(value, bound) if value > bound.max
