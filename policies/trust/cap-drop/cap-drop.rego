# METADATA
# title: Default capabilities are kept
# description: >-
#   Docker gives a container fourteen capabilities unless told otherwise, among them raw sockets and
#   the making of device nodes. A service that drops all of them, and adds back what it needs from
#   the short list, leaves much less to an attacker who gets inside. It protects the host, so there
#   is no waiver.
# related_resources:
# - description: CIS Docker Benchmark v1.6.0, 5.4 Ensure that Linux kernel capabilities are restricted within containers
#   ref: https://www.cisecurity.org/benchmark/docker
# - description: OWASP Docker Security Cheat Sheet, rule 3 Limit capabilities
#   ref: https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html
# - description: Docker documentation, Compose file reference, services, cap_drop
#   ref: https://docs.docker.com/reference/compose-file/services/#cap_drop
# custom:
#   severity: warning
#   waivable: false
#   subject: compose
#   remediation: >-
#     Add `cap_drop: [ALL]`, then add back single capabilities with `cap_add` if the image cannot do
#     without.
package trust["cap-drop"]

violation contains {"path": ["services", name, "cap_drop"], "message": message} if {
	some name, service in input.project.services
	not "ALL" in object.get(service, "cap_drop", [])
	message := sprintf("service %q does not drop all capabilities", [name])
}
