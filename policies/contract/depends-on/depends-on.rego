# METADATA
# title: Dependency that does not wait for health
# description: >-
#   A service that only waits until another has started meets one that does not serve yet: models load for minutes. A service
#   that waits for health where the healthcheck is switched off never starts.
# related_resources:
# - description: Docker, startup order in Compose
#   ref: https://docs.docker.com/compose/how-tos/startup-order/
# custom:
#   severity: warning
#   waivable: true
#   subject: compose
#   remediation: >-
#     Write `depends_on` in its long form with `condition: service_healthy`, and give the other service a healthcheck. For a
#     service that ends by itself it is `service_completed_successfully`.
package contract["depends-on"]

violation contains {"path": ["services", name, "depends_on", target, "condition"], "message": message} if {
	some name, service in input.project.services
	some target, dependency in service.depends_on
	object.get(dependency, "condition", "service_started") == "service_started"
	message := sprintf("service %q waits until %q has started, not until it is healthy", [name, target])
}

violation contains {"path": ["services", name, "depends_on", target, "condition"], "message": message} if {
	some name, service in input.project.services
	some target, dependency in service.depends_on
	dependency.condition == "service_healthy"
	switched_off(input.project.services[target].healthcheck)
	message := sprintf("service %q waits for the health of %q, whose healthcheck is switched off", [name, target])
}

switched_off(healthcheck) if healthcheck.disable

switched_off(healthcheck) if healthcheck.test[0] == "NONE"
