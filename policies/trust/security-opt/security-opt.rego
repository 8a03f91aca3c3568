# METADATA
# title: Security option that changes the confinement
# description: >-
#   The engine's default seccomp, AppArmor and SELinux profiles, and the paths that it hides below
#   /proc and /sys, keep a container away from the kernel. A template has no reason to change them,
#   and a profile that it names is a file or a policy of the provider's host.
# related_resources:
# - description: CIS Docker Benchmark v1.6.0, 5.2 Ensure that, if applicable, an AppArmor Profile is enabled
#   ref: https://www.cisecurity.org/benchmark/docker
# - description: CIS Docker Benchmark v1.6.0, 5.3 Ensure that, if applicable, SELinux security options are set
#   ref: https://www.cisecurity.org/benchmark/docker
# - description: CIS Docker Benchmark v1.6.0, 5.22 Ensure the default seccomp profile is not Disabled
#   ref: https://www.cisecurity.org/benchmark/docker
# - description: OWASP Docker Security Cheat Sheet, rule 6 Use Linux Security Module
#   ref: https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html
# - description: "MITRE ATT&CK for Containers, T1611 Escape to Host"
#   ref: https://attack.mitre.org/techniques/T1611/
# - description: Docker documentation, Compose file reference, services, security_opt
#   ref: https://docs.docker.com/reference/compose-file/services/#security_opt
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   remediation: >-
#     Keep `no-new-privileges:true` and remove every other security option.
package trust["security-opt"]

# The spellings of true that the engine reads; no value at all is true as well.
yes := {"", "true", "True", "TRUE", "t", "T", "1"}

violation contains {"path": ["services", name, "security_opt", i], "message": message} if {
	some name, service in input.project.services
	some i, option in service.security_opt
	not hardens(option)
	message := sprintf("service %q sets the security option %q to %q, which can weaken its confinement", [name, option.name, option.value])
}

hardens(option) if {
	option.name == "no-new-privileges"
	option.value in yes
}
