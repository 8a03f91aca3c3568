# METADATA
# title: Service behind a profile
# description: >-
#   A service with a profile starts only where somebody asks for that profile. A provider does not, unless its own environment
#   happens to name it: then something runs that nobody has seen run.
# related_resources:
# - description: Compose Specification, profiles
#   ref: https://docs.docker.com/reference/compose-file/profiles/
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   keys:
#   - services.*.profiles
#   remediation: Remove `profiles`, or remove the service.
package contract.profiles

violation contains {"path": ["services", name, "profiles"], "message": message} if {
	some name, service in input.project.services
	count(service.profiles) > 0
	message := sprintf("service %q sits behind the profile %q, which no provider asks for", [name, concat(", ", service.profiles)])
}
