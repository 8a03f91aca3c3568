# METADATA
# title: Additional group
# description: >-
#   Groups are numbers that the host shares with its containers: what is `render` on one machine is
#   `docker` on the next. Only the groups that own AMD's devices are needed, and only by name.
# related_resources:
# - description: "MITRE ATT&CK for Containers, T1611 Escape to Host"
#   ref: https://attack.mitre.org/techniques/T1611/
# - description: Docker documentation, Compose file reference, services, group_add
#   ref: https://docs.docker.com/reference/compose-file/services/#group_add
# - description: Docker documentation, docker run, group-add
#   ref: https://docs.docker.com/reference/cli/docker/container/run/#group-add
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   keys:
#   - services.*.group_add
#   remediation: >-
#     Remove the group. In the AMD environment `video` and `render` may be added by name.
package trust["group-add"]

violation contains {"path": ["services", name, "group_add", i], "message": message} if {
	some name, service in input.project.services
	some i, group in service.group_add
	not of_gpu(group)
	message := sprintf("service %q joins the group %q, which means something else on each host", [name, group])
}

of_gpu(group) if {
	input.environment == "amd"
	group in {"video", "render"}
}
