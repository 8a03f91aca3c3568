# METADATA
# title: Isolation of its own choice
# description: >-
#   `isolation` picks how far a Windows engine keeps a container apart. `process` shares the kernel
#   where the provider may have chosen a virtual machine. A template has no say in that.
# related_resources:
# - description: Docker documentation, Compose file reference, services, isolation
#   ref: https://docs.docker.com/reference/compose-file/services/#isolation
# - description: Docker documentation, docker run, isolation
#   ref: https://docs.docker.com/reference/cli/docker/container/run/#isolation
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   keys:
#   - services.*.isolation
#   remediation: >-
#     Remove `isolation`.
package trust.isolation

violation contains {"path": ["services", name, "isolation"], "message": message} if {
	some name, service in input.project.services
	not object.get(service, "isolation", "") in {"", "default"}
	message := sprintf("service %q chooses the isolation %q", [name, service.isolation])
}
