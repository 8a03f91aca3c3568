# METADATA
# title: "Use of the engine's API"
# description: >-
#   `use_api_socket` gives a service the engine's socket and the provider's registry credentials.
#   Whoever has the socket owns the host.
# related_resources:
# - description: CIS Docker Benchmark v1.6.0, 5.32 Ensure that the Docker socket is not mounted inside any containers
#   ref: https://www.cisecurity.org/benchmark/docker
# - description: OWASP Docker Security Cheat Sheet, rule 1 Do not expose the Docker daemon socket (even to the containers)
#   ref: https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html
# - description: "MITRE ATT&CK for Containers, T1552.007 Container API"
#   ref: https://attack.mitre.org/techniques/T1552/007/
# - description: Docker documentation, Compose file reference, services, use_api_socket
#   ref: https://docs.docker.com/reference/compose-file/services/#use_api_socket
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   keys:
#   - services.*.use_api_socket
#   remediation: >-
#     Remove `use_api_socket`.
package trust["api-socket"]

violation contains {"path": ["services", name, "use_api_socket"], "message": message} if {
	some name, service in input.project.services
	service.use_api_socket
	message := sprintf("service %q gets the container engine's socket and the provider's credentials", [name])
}
