# METADATA
# title: Fixed container name
# description: >-
#   A container's name is unique on a host. A second start of the same source, or another source that chose the same
#   name, fails. Services of one stack reach each other by the service's name.
# related_resources:
# - description: Compose Specification, container_name
#   ref: https://docs.docker.com/reference/compose-file/services/#container_name
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   keys:
#   - services.*.container_name
#   remediation: Remove `container_name`.
package contract["container-name"]

violation contains {"path": ["services", name, "container_name"], "message": message} if {
	some name, service in input.project.services
	service.container_name != ""
	message := sprintf("service %q has the fixed container name %q, which only one container of the host can have", [name, service.container_name])
}
