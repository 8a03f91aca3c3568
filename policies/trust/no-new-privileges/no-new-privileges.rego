# METADATA
# title: Programs may gain new privileges
# description: >-
#   Without this option a program with the setuid bit, or with file capabilities, gives a process
#   more than it started with. Servers need no such step up. It protects the host, so there is no
#   waiver.
# related_resources:
# - description: CIS Docker Benchmark v1.6.0, 5.26 Ensure that the container is restricted from acquiring additional privileges
#   ref: https://www.cisecurity.org/benchmark/docker
# - description: OWASP Docker Security Cheat Sheet, rule 4 Prevent in-container privilege escalation
#   ref: https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html
# - description: Docker documentation, Compose file reference, services, security_opt
#   ref: https://docs.docker.com/reference/compose-file/services/#security_opt
# custom:
#   severity: warning
#   waivable: false
#   subject: compose
#   remediation: >-
#     Add `security_opt: ["no-new-privileges:true"]`.
package trust["no-new-privileges"]

# An option that says false is judged by trust/security-opt.
violation contains {"path": ["services", name, "security_opt"], "message": message} if {
	some name, service in input.project.services
	not "no-new-privileges" in {option.name | some option in service.security_opt}
	message := sprintf("service %q does not rule out that its programs gain new privileges", [name])
}
