# METADATA
# title: Pull policy that changes what runs
# description: >-
#   What runs must be what was checked. `always` and its kin ask the registry at each start, `build` makes an image that nobody
#   has seen, and `never` does not start on a provider that does not happen to have the image.
# related_resources:
# - description: Compose Specification, pull_policy
#   ref: https://docs.docker.com/reference/compose-file/services/#pull_policy
# custom:
#   severity: warning
#   waivable: true
#   subject: compose
#   keys:
#   - services.*.pull_policy
#   remediation: Remove `pull_policy`; an image that is pinned by digest is pulled once.
package contract["pull-policy"]

violation contains {"path": ["services", name, "pull_policy"], "message": message} if {
	some name, service in input.project.services
	not service.pull_policy in {"", "missing", "if_not_present"}
	message := sprintf("service %q has the pull policy %q: what was checked need not be what runs", [name, service.pull_policy])
}
