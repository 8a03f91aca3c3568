# METADATA
# title: "File or variable of the provider's machine"
# description: >-
#   These keys read a file, a variable or a credential of the machine that runs Compose: the
#   provider's. Only the compose file is published, so a file that the author meant is not there, and
#   a file that is there is the provider's own.
# related_resources:
# - description: "MITRE ATT&CK for Containers, T1552.001 Credentials In Files"
#   ref: https://attack.mitre.org/techniques/T1552/001/
# - description: OWASP Docker Security Cheat Sheet, rule 12 Utilize Docker Secrets for Sensitive Data Management
#   ref: https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html
# - description: Docker documentation, Compose file reference, services, env_file
#   ref: https://docs.docker.com/reference/compose-file/services/#env_file
# - description: Docker documentation, Compose file reference, configs
#   ref: https://docs.docker.com/reference/compose-file/configs/
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   keys:
#   - services.*.env_file
#   - services.*.label_file
#   - services.*.credential_spec
#   - configs
#   - secrets
#   remediation: >-
#     Write values under `environment`, and small files as `configs` with `content`.
package trust["host-file"]

violation contains {"path": ["services", name, "env_file", i, "path"], "message": message} if {
	some name, service in input.project.services
	some i, file in service.env_file
	message := sprintf("service %q reads its environment from the file %q of the provider's machine", [name, object.get(file, "path", "")])
}

violation contains {"path": ["services", name, "label_file", i], "message": message} if {
	some name, service in input.project.services
	some i, file in service.label_file
	message := sprintf("service %q reads its labels from the file %q of the provider's machine", [name, file])
}

violation contains {"path": ["services", name, "credential_spec"], "message": message} if {
	some name, service in input.project.services
	service.credential_spec
	message := sprintf("service %q uses an account of the provider's machine", [name])
}

violation contains {"path": [section, name, key], "message": message} if {
	some section in ["configs", "secrets"]
	some name, resource in input.project[section]
	some key in ["file", "environment", "driver", "driver_opts", "template_driver"]
	not object.get(resource, key, {}) == {}
	message := sprintf("%q under %s has its content from %s on the provider's machine: %s", [name, section, key, json.marshal(resource[key])])
}
