# METADATA
# title: Privileged container
# description: >-
#   A privileged container has every capability, every device of the host and no confinement. Whoever
#   controls it controls the provider's machine.
# related_resources:
# - description: CIS Docker Benchmark v1.6.0, 5.5 Ensure that privileged containers are not used
#   ref: https://www.cisecurity.org/benchmark/docker
# - description: OWASP Docker Security Cheat Sheet, rule 3 Limit capabilities
#   ref: https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html
# - description: "MITRE ATT&CK for Containers, T1611 Escape to Host"
#   ref: https://attack.mitre.org/techniques/T1611/
# - description: Docker documentation, Compose file reference, services, privileged
#   ref: https://docs.docker.com/reference/compose-file/services/#privileged
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   keys:
#   - services.*.privileged
#   remediation: >-
#     Remove `privileged`. If the service needs one capability, add that capability alone.
package trust.privileged

violation contains {"path": ["services", name, "privileged"], "message": message} if {
	some name, service in input.project.services
	service.privileged
	message := sprintf("service %q runs privileged: it can do to the host whatever root can", [name])
}
