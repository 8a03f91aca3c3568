# METADATA
# title: Protection from the out-of-memory killer
# description: >-
#   When memory runs out the kernel ends a process. A container that is exempt, or that is rated
#   below the others, makes it end something of the provider's instead, or hangs the machine.
# related_resources:
# - description: CIS Docker Benchmark v1.6.0, 5.11 Ensure that the memory usage for containers is limited
#   ref: https://www.cisecurity.org/benchmark/docker
# - description: OWASP Docker Security Cheat Sheet, rule 7 Limit resources
#   ref: https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html
# - description: "MITRE ATT&CK for Containers, T1499 Endpoint Denial of Service"
#   ref: https://attack.mitre.org/techniques/T1499/
# - description: Docker documentation, Resource constraints
#   ref: https://docs.docker.com/engine/containers/resource_constraints/
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   keys:
#   - services.*.oom_kill_disable
#   - services.*.oom_score_adj
#   remediation: >-
#     Remove `oom_kill_disable`, and set `oom_score_adj` to 0 or above or not at all.
package trust.oom

violation contains {"path": ["services", name, "oom_kill_disable"], "message": message} if {
	some name, service in input.project.services
	service.oom_kill_disable
	message := sprintf("service %q must not be ended when memory runs out, so that something else is", [name])
}

violation contains {"path": ["services", name, "oom_score_adj"], "message": message} if {
	some name, service in input.project.services
	service.oom_score_adj < 0
	message := sprintf("service %q is rated %d, so that something else is ended when memory runs out", [name, service.oom_score_adj])
}
