# METADATA
# title: Runtime of its own choice
# description: >-
#   The runtime is the program that builds the container, as root on the host. Which ones are
#   installed is the provider's affair. The runtime nvidia hands out GPUs by a variable that the
#   image may set to `all`, past the number that the template reserves, so that GPUs are asked for by
#   reservation only.
# related_resources:
# - description: Docker documentation, Alternative container runtimes
#   ref: https://docs.docker.com/engine/daemon/alternative-runtimes/
# - description: Docker documentation, Enable GPU access with Docker Compose
#   ref: https://docs.docker.com/compose/how-tos/gpu-support/
# - description: Docker documentation, Compose file reference, services, runtime
#   ref: https://docs.docker.com/reference/compose-file/services/#runtime
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   keys:
#   - services.*.runtime
#   remediation: >-
#     Remove `runtime`. NVIDIA GPUs come with `deploy.resources.reservations.devices`.
package trust.runtime

# The engine's own default may be spelled out.
defaults := {"", "runc", "io.containerd.runc.v2"}

violation contains {"path": ["services", name, "runtime"], "message": message} if {
	some name, service in input.project.services
	not object.get(service, "runtime", "") in defaults
	message := sprintf("service %q wants the runtime %q", [name, service.runtime])
}
