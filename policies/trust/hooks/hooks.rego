# METADATA
# title: Lifecycle hook
# description: >-
#   Hooks run commands beside the service's own, as another user, with all privileges, or from an
#   image that no rule has looked at. Compose before 2.30 does not know them and refuses the whole
#   file, and providers run 2.20 or newer.
# related_resources:
# - description: CIS Docker Benchmark v1.6.0, 5.5 Ensure that privileged containers are not used
#   ref: https://www.cisecurity.org/benchmark/docker
# - description: "MITRE ATT&CK for Containers, T1609 Container Administration Command"
#   ref: https://attack.mitre.org/techniques/T1609/
# - description: Docker documentation, Compose file reference, services, post_start
#   ref: https://docs.docker.com/reference/compose-file/services/#post_start
# - description: Docker documentation, Using lifecycle hooks with Compose
#   ref: https://docs.docker.com/compose/how-tos/lifecycle/
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   keys:
#   - services.*.pre_start
#   - services.*.post_start
#   - services.*.pre_stop
#   remediation: >-
#     Remove the hook. Do what it did in the entrypoint of the image, or in a service that others
#     depend on.
package trust.hooks

import data.lib.compose

kinds := ["pre_start", "post_start", "pre_stop"]

violation contains {"path": ["services", name, kind], "message": message} if {
	some name, service in input.project.services
	some kind in kinds
	count(service[kind]) > 0
	message := sprintf("service %q has a %s hook, which providers' Compose may not know", [name, kind])
}

violation contains {"path": array.concat(hook.path, ["privileged"]), "message": message} if {
	some hook in compose.hooks
	hook.body.privileged
	message := sprintf("service %q runs a hook with all privileges", [hook.service])
}

violation contains {"path": array.concat(hook.path, ["user"]), "message": message} if {
	some hook in compose.hooks
	user := hook.body.user
	user != object.get(input.project.services, [hook.service, "user"], "")
	message := sprintf("service %q runs a hook as another user, %q", [hook.service, user])
}

violation contains {"path": array.concat(hook.path, ["image"]), "message": message} if {
	some hook in compose.hooks
	hook.body.image
	message := sprintf("service %q runs a hook from another image, %q", [hook.service, hook.body.image])
}
