# METADATA
# title: Development mode
# description: >-
#   `develop` watches files of the machine, copies them into containers, rebuilds images and runs
#   commands. It is for the author's own machine.
# related_resources:
# - description: "MITRE ATT&CK for Containers, T1609 Container Administration Command"
#   ref: https://attack.mitre.org/techniques/T1609/
# - description: Docker documentation, Compose Develop Specification
#   ref: https://docs.docker.com/reference/compose-file/develop/
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   keys:
#   - services.*.develop
#   remediation: >-
#     Remove `develop`; keep it in a compose file of your own that extends this one.
package trust.develop

violation contains {"path": ["services", name, "develop"], "message": message} if {
	some name, service in input.project.services
	service.develop
	message := sprintf("service %q is set up for development on the machine that it runs on", [name])
}
