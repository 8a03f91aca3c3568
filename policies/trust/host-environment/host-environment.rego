# METADATA
# title: Value of the provider's environment
# description: >-
#   A key without a value is filled from the environment in which the provider
#   runs Compose. That environment may hold the provider's own keys and tokens.
#   Only the variables that the protocol names are meant for a template.
# related_resources:
# - description: Compose Specification, environment
#   ref: https://docs.docker.com/reference/compose-file/services/#environment
# - description: MITRE ATT&CK for Containers, T1552 Unsecured Credentials
#   ref: https://attack.mitre.org/techniques/T1552/
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   remediation: Write the value out, or remove the key. An empty value is written `KEY=` in a list.
package trust["host-environment"]

import data.lib.compose
import data.tables.variables.names

violation contains {"path": ["services", name, "environment", key], "message": message(name, key)} if {
	some name, service in input.project.services
	some key, value in service.environment
	is_null(value)
	not names[key]
}

violation contains {"path": array.concat(hook.path, ["environment", key]), "message": message(hook.service, key)} if {
	some hook in compose.hooks
	some key, value in hook.body.environment
	is_null(value)
	not names[key]
}

message(service, key) := sprintf("service %q takes %q from the provider's own environment", [service, key])
