# METADATA
# title: Variable with a name that is none
# description: >-
#   The engine joins name and value with `=`, and whoever reads the environment cuts at the first one. A name that holds `=` becomes
#   another variable than the one that is read here, and spaces or look-alike letters hide which one is meant.
# related_resources:
# - description: POSIX, environment variables
#   ref: https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap08.html
# - description: "MITRE ATT&CK, T1036 Masquerading"
#   ref: https://attack.mitre.org/techniques/T1036/
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   keys:
#   - services.*.environment
#   - services.*.pre_start.*.environment
#   - services.*.post_start.*.environment
#   - services.*.pre_stop.*.environment
#   remediation: Name the variable with letters, digits, `_`, `.` and `-`, and no digit first.
package trust["variable-name"]

import data.lib.compose
import data.tables.environment as table

violation contains {"path": ["services", name, "environment", key], "message": message(name, key)} if {
	some name, service in input.project.services
	some key, _ in service.environment
	not regex.match(table.name, key)
}

violation contains {"path": array.concat(hook.path, ["environment", key]), "message": message(hook.service, key)} if {
	some hook in compose.hooks
	some key, _ in hook.body.environment
	not regex.match(table.name, key)
}

message(service, key) := sprintf("service %q sets a variable that is called %q", [service, key])
