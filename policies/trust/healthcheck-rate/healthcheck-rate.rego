# METADATA
# title: Health checks that keep the engine busy
# description: >-
#   The engine starts a program in the container for each check, and that work is the host's: no limit of the container counts it. A
#   check each millisecond keeps a core of the engine busy, a few hundred containers with one each second do the same, and a timeout
#   that no program can meet, or failures that are never enough, make the check worthless. The bounds are kept in
#   policies/data/bounds.yaml.
# related_resources:
# - description: Compose Specification, healthcheck
#   ref: https://docs.docker.com/reference/compose-file/services/#healthcheck
# - description: MITRE ATT&CK for Containers, T1499 Endpoint Denial of Service
#   ref: https://attack.mitre.org/techniques/T1499/
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   keys:
#   - services.*.healthcheck
#   remediation: >-
#     Check every 30 seconds, or every 5 while the service starts (`start_interval`). All checks of a stack together are no more than
#     five a second.
package trust["healthcheck-rate"]

import data.lib.services
import data.tables.bounds.healthcheck as bounds

violation contains {"path": ["services", name, "healthcheck", key], "message": message} if {
	some name, service in input.project.services
	some key in ["interval", "start_interval", "timeout"]
	value := service.healthcheck[key]
	value != 0
	value < bounds[key]
	message := sprintf("service %q has a healthcheck with %s %v: less than %v seconds is never needed", [name, key, value, bounds[key]])
}

violation contains {"path": ["services", name, "healthcheck", "retries"], "message": message} if {
	some name, service in input.project.services
	value := service.healthcheck.retries
	not within(value)
	message := sprintf("service %q has a healthcheck that fails after %d failures: more than %d are never needed", [name, value, bounds.retries])
}

within(retries) if {
	retries >= 0
	retries <= bounds.retries
}

violation contains {"path": ["services"], "message": message} if {
	rate := sum([each |
		some service in input.project.services
		services.checked(service)
		each := max([0, services.scale(service)]) / often(service.healthcheck)
	])
	rate > bounds.rate
	message := sprintf("the stack has %v health checks a second: more than %v are never needed", [round(rate * 10) / 10, bounds.rate])
}

# often is the least time between two checks, in seconds. What is too short is told above.
often(healthcheck) := max([least, bounds.interval]) if {
	least := min([value |
		some key in ["interval", "start_interval"]
		value := object.get(healthcheck, key, 0)
		value > 0
	])
} else := bounds.usual
