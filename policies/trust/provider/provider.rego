# METADATA
# title: Service of a program on the host
# description: >-
#   `provider` makes Compose start a program on the machine itself, outside any container, with
#   options from the file.
# related_resources:
# - description: "MITRE ATT&CK for Containers, T1611 Escape to Host"
#   ref: https://attack.mitre.org/techniques/T1611/
# - description: Docker documentation, Use provider services
#   ref: https://docs.docker.com/compose/how-tos/provider-services/
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   keys:
#   - services.*.provider
#   remediation: >-
#     Run what the service needs in a container.
package trust.provider

violation contains {"path": ["services", name, "provider"], "message": message} if {
	some name, service in input.project.services
	service.provider
	message := sprintf("service %q is a program that Compose starts on the provider's machine, outside any container", [name])
}
