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
#     Keep `interval` between 2 seconds and 5 minutes, `timeout` between 1 second and 1 minute, `start_period` below one hour and
#     `retries` below 100.
package contract["healthcheck-times"]

import data.tables.bounds.healthcheck as table

violation contains {"path": ["services", name, "healthcheck", key], "message": message} if {
	some name, service in input.project.services
	some key, bound in table.odd
	value := service.healthcheck[key]
	value != 0
	outside(value, bound)
	not refused(key, value)
	message := sprintf("service %q has a healthcheck with %s %v, which is not within %v and %v", [name, key, value, bound.min, bound.max])
}

# What is an error is told by trust/healthcheck-rate.
refused(key, value) if {
	key in {"interval", "timeout"}
	value < table[key]
}

refused("retries", value) if value < 0

refused("retries", value) if value > table.retries

outside(value, bound) if value < bound.min

outside(value, bound) if value > bound.max
