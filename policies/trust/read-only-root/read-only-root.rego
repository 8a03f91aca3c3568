# METADATA
# title: Writable root filesystem
# description: >-
#   A service that can write to its own image can be changed for good by whoever breaks in, and fills
#   the provider's disk. Data belongs into volumes and tmpfs. Some images write everywhere; then a
#   waiver says so.
# related_resources:
# - description: "CIS Docker Benchmark v1.6.0, 5.13 Ensure that the container's root filesystem is mounted as read only"
#   ref: https://www.cisecurity.org/benchmark/docker
# - description: OWASP Docker Security Cheat Sheet, rule 8 Set filesystem and volumes to read-only
#   ref: https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html
# - description: Docker documentation, Compose file reference, services, read_only
#   ref: https://docs.docker.com/reference/compose-file/services/#read_only
# custom:
#   severity: warning
#   waivable: true
#   subject: compose
#   remediation: >-
#     Add `read_only: true`, a `tmpfs` for `/tmp` and volumes for what stays.
package trust["read-only-root"]

violation contains {"path": ["services", name, "read_only"], "message": message} if {
	some name, service in input.project.services
	not service.read_only
	message := sprintf("service %q can write to its root filesystem", [name])
}
