# METADATA
# title: Variable that software on the host obeys
# description: >-
#   Some proxies, registries of services and collectors of logs on a host take their orders from the environment of the containers:
#   which name leads to them, which certificate is asked for, where logs go. The patterns are kept in policies/data/environment.yaml.
# related_resources:
# - description: nginx-proxy, variables
#   ref: https://github.com/nginx-proxy/nginx-proxy/tree/main/docs
# - description: Registrator, service metadata
#   ref: https://gliderlabs.github.io/registrator/latest/user/services/
# - description: "MITRE ATT&CK, T1557 Adversary-in-the-Middle"
#   ref: https://attack.mitre.org/techniques/T1557/
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   keys:
#   - services.*.environment
#   - services.*.pre_start.*.environment
#   - services.*.post_start.*.environment
#   - services.*.pre_stop.*.environment
#   remediation: Remove the variable. If the program inside needs it, call it something else there.
package trust["host-variables"]

import data.lib.compose
import data.tables.environment as table

violation contains {"path": setting.path, "message": message} if {
	some setting in compose.settings
	regex.match(any_of, setting.name)
	not table.not_host[setting.name]
	who := min({entry.who | some entry in table.host; regex.match(entry.pattern, setting.name)})
	message := sprintf("service %q sets %q, which %s on the host obeys", [setting.service, setting.name, who])
}

any_of := concat("|", [entry.pattern | some entry in table.host])
