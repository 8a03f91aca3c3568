# METADATA
# title: Linux capability beyond the short list
# description: >-
#   Each capability is a piece of root's power. A template may give back the few that common images
#   need to change their user, own their files and listen on a port. All others, even some that
#   Docker grants by default, reach the kernel, the network or the host.
# related_resources:
# - description: CIS Docker Benchmark v1.6.0, 5.4 Ensure that Linux kernel capabilities are restricted within containers
#   ref: https://www.cisecurity.org/benchmark/docker
# - description: OWASP Docker Security Cheat Sheet, rule 3 Limit capabilities
#   ref: https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html
# - description: "MITRE ATT&CK for Containers, T1611 Escape to Host"
#   ref: https://attack.mitre.org/techniques/T1611/
# - description: Docker documentation, Compose file reference, services, cap_add
#   ref: https://docs.docker.com/reference/compose-file/services/#cap_add
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   keys:
#   - services.*.cap_add
#   remediation: >-
#     Remove the capability. The ones that may be added stand in `policies/data/capabilities.yaml`,
#     each with its reason.
package trust.capabilities

violation contains {"path": ["services", name, "cap_add", i], "message": message} if {
	some name, service in input.project.services
	some i, capability in service.cap_add
	not data.tables.capabilities[capability]
	message := sprintf("service %q adds the capability %q, which is not on the short list", [name, capability])
}
