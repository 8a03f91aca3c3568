# METADATA
# title: AMD GPU without the groups of its devices
# description: >-
#   /dev/kfd and /dev/dri belong to the groups video and render. A process that is not root can open them only as a member
#   of both; without them ROCm sees no GPU. The groups' numbers differ from host to host.
# related_resources:
# - description: ROCm, running containers
#   ref: https://rocm.docs.amd.com/projects/install-on-linux/en/latest/how-to/docker.html
# custom:
#   severity: warning
#   waivable: true
#   subject: compose
#   remediation: 'Add `group_add: [video, render]` to the service, or run it as root when its image can do nothing else.'
package hardware["amd-groups"]

import data.lib.compose
import data.lib.services

violation contains {"path": ["services", name, "group_add"], "message": message} if {
	input.environment == "amd"
	some name in {entry.service | some entry in services.amd_devices}
	service := input.project.services[name]
	not compose.root_user(service.user)
	missing := {"video", "render"} - {group | some group in service.group_add}
	count(missing) > 0
	message := sprintf("service %q opens the AMD GPU as user %q without the group %s", [name, service.user, concat(" and ", sort(missing))])
}
