# METADATA
# title: Variable that programs on the host may inherit
# description: >-
#   To hand out a device, the runtime starts hooks of the vendor's on the host, as root, and some were started with the container's
#   environment. A variable that the loader obeys made them load the container's own library (CVE-2025-23266). The same is done by a
#   value that names a file of whoever reads it, such as /proc/self/cwd. The patterns are kept in policies/data/environment.yaml.
# related_resources:
# - description: NVIDIA, security bulletin for CVE-2025-23266
#   ref: https://nvidia.custhelp.com/app/answers/detail/a_id/5659
# - description: glibc, variables that are dropped where a program has more rights than its caller
#   ref: https://man7.org/linux/man-pages/man8/ld.so.8.html
# - description: "MITRE ATT&CK, T1574.006 Dynamic Linker Hijacking"
#   ref: https://attack.mitre.org/techniques/T1574/006/
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   keys:
#   - services.*.environment
#   - services.*.pre_start.*.environment
#   - services.*.post_start.*.environment
#   - services.*.pre_stop.*.environment
#   remediation: >-
#     Remove the variable. Let the image's own start script set it for the one program that needs it, or install libraries where the
#     loader looks anyway.
package trust["hook-environment"]

import data.lib.compose
import data.lib.services
import data.tables.environment as table

violation contains {"path": setting.path, "message": message} if {
	some setting in compose.settings
	services.loads(setting.name)
	services.with_device[setting.service]
	message := sprintf("service %q has a device and sets %q, which programs on the host may inherit", [setting.service, setting.name])
}

violation contains {"path": setting.path, "message": message} if {
	some setting in compose.settings
	regex.match(table.own_files, setting.value)
	dangerous(setting)
	message := sprintf("service %q sets %q to %q, which is another file for each program that reads it", [setting.service, setting.name, setting.value])
}

dangerous(setting) if services.loads(setting.name)

dangerous(setting) if services.with_device[setting.service]
