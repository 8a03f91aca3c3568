# METADATA
# title: Kernel setting
# description: >-
#   Sysctls are settings of the host's kernel. Some are kept apart for each container, some are not,
#   and which ones differs between kernels and engines. No template needs one.
# related_resources:
# - description: Docker documentation, docker run, sysctl
#   ref: https://docs.docker.com/reference/cli/docker/container/run/#sysctl
# - description: Docker documentation, Compose file reference, services, sysctls
#   ref: https://docs.docker.com/reference/compose-file/services/#sysctls
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   keys:
#   - services.*.sysctls
#   remediation: >-
#     Remove `sysctls` and configure the program itself.
package trust.sysctls

violation contains {"path": ["services", name, "sysctls", key], "message": message} if {
	some name, service in input.project.services
	some key, value in service.sysctls
	message := sprintf("service %q sets the kernel setting %q to %q", [name, key, value])
}
