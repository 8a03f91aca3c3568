# METADATA
# title: Variable that the loader obeys
# description: >-
#   The loader, the C library or an interpreter reads the variable before each program in the container: also before those of the image
#   that were checked. On a provider whose runtime starts hooks with the container's environment, the hooks obey it as well. With a
#   device, or a file below /proc, it is an error: trust/hook-environment. The patterns are kept in policies/data/environment.yaml.
# related_resources:
# - description: Linux manual, ld.so
#   ref: https://man7.org/linux/man-pages/man8/ld.so.8.html
# - description: "MITRE ATT&CK, T1574.006 Dynamic Linker Hijacking"
#   ref: https://attack.mitre.org/techniques/T1574/006/
# custom:
#   severity: warning
#   waivable: true
#   subject: compose
#   keys:
#   - services.*.environment
#   - services.*.pre_start.*.environment
#   - services.*.post_start.*.environment
#   - services.*.pre_stop.*.environment
#   remediation: >-
#     Remove the variable. Let the image's own start script set it for the one program that needs it, or install libraries where the
#     loader looks anyway.
package trust["loader-variables"]

import data.lib.compose
import data.lib.services

violation contains {"path": setting.path, "message": message} if {
	some setting in compose.settings
	services.loads(setting.name)
	not services.with_device[setting.service]
	not regex.match(data.tables.environment.own_files, setting.value)
	message := sprintf("service %q sets %q, which the loader obeys in each program", [setting.service, setting.name])
}
