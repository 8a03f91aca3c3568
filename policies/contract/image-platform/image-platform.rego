# METADATA
# title: Platform that providers do not have
# description: >-
#   Providers run Linux on amd64. An image for another platform does not start there, or runs under emulation at a fraction
#   of the speed. A variant such as amd64/v4 does not run on older processors.
# related_resources:
# - description: Compose Specification, platform
#   ref: https://docs.docker.com/reference/compose-file/services/#platform
# custom:
#   severity: warning
#   waivable: true
#   subject: compose
#   keys:
#   - services.*.platform
#   remediation: 'Remove `platform`, or set it to `linux/amd64`.'
package contract["image-platform"]

violation contains {"path": ["services", name, "platform"], "message": message} if {
	some name, service in input.project.services
	not lower(service.platform) in {"", "linux/amd64", "linux/amd64/v1", "linux/x86_64", "linux/x86-64", "amd64", "x86_64", "x86-64", "linux"}
	message := sprintf("service %q wants the platform %q: providers run linux/amd64", [name, service.platform])
}
