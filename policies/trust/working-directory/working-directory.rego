# METADATA
# title: Working directory that may lie on the host
# description: >-
#   The runtime changes to the working directory while it still holds open files of the host. Below /proc/self/fd lies whatever it
#   holds: with runc before 1.1.12 a container that starts in /proc/self/fd/8 starts on the host's root (CVE-2024-21626). Where a
#   path with `..` leads depends on the links of the image, and a relative one is refused by the engine.
# related_resources:
# - description: runc, CVE-2024-21626
#   ref: https://github.com/opencontainers/runc/security/advisories/GHSA-xr7r-f8xq-vfvv
# - description: "MITRE ATT&CK for Containers, T1611 Escape to Host"
#   ref: https://attack.mitre.org/techniques/T1611/
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   keys:
#   - services.*.working_dir
#   - services.*.pre_start.*.working_dir
#   - services.*.post_start.*.working_dir
#   - services.*.pre_stop.*.working_dir
#   remediation: >-
#     Name a directory of the image from the root on, such as /app, and none in /dev, /proc or /sys. Or remove `working_dir`: the
#     image has one.
package trust["working-directory"]

import data.lib.compose
import data.lib.paths

violation contains {"path": place, "message": message} if {
	some [service, place, directory] in directories
	message := sprintf("service %q works in %q, %s", [service, directory, problem(compose.dollar(directory))])
}

directories := array.concat(
	[[name, ["services", name, "working_dir"], service.working_dir] |
		some name, service in input.project.services
		service.working_dir != ""
	],
	[[hook.service, array.concat(hook.path, ["working_dir"]), hook.body.working_dir] |
		some hook in compose.hooks
		hook.body.working_dir != ""
	],
)

problem(directory) := "which is no path from the root on" if {
	not startswith(directory, "/")
} else := "which is no plain path: where `..` leads depends on the image" if {
	not paths.canonical(directory)
} else := sprintf("the place of %s", [why]) if {
	some kernel in ["/dev", "/proc", "/sys"]
	kernel in paths.upwards(paths.canonical(directory))
	not data.tables.paths.shared_memory in paths.upwards(paths.canonical(directory))
	why := data.tables.paths.closed[kernel]
}
