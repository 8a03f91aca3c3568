# METADATA
# title: Image built by the provider
# description: >-
#   A build runs the author's commands on the provider's machine, with more rights than a container
#   has, from files that are not published, and its result is different each time. What was checked
#   would not be what runs.
# related_resources:
# - description: "MITRE ATT&CK for Containers, T1612 Build Image on Host"
#   ref: https://attack.mitre.org/techniques/T1612/
# - description: OWASP Docker Security Cheat Sheet, rule 13 Enhance Supply Chain Security
#   ref: https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html
# - description: Docker documentation, Compose Build Specification
#   ref: https://docs.docker.com/reference/compose-file/build/
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   keys:
#   - services.*.build
#   remediation: >-
#     Build the image once, push it to a registry and name it by digest under `image`.
package trust.build

violation contains {"path": ["services", name, "build"], "message": message} if {
	some name, service in input.project.services
	service.build
	message := sprintf("service %q is built on the provider's machine instead of naming a finished image", [name])
}
