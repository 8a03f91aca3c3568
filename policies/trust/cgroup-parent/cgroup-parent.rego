# METADATA
# title: "Place in the host's cgroups"
# description: >-
#   The parent cgroup carries the limits that the provider has set for containers. A service that
#   picks another one slips out from under them.
# related_resources:
# - description: CIS Docker Benchmark v1.6.0, 5.25 Ensure that cgroup usage is confirmed
#   ref: https://www.cisecurity.org/benchmark/docker
# - description: "MITRE ATT&CK for Containers, T1499 Endpoint Denial of Service"
#   ref: https://attack.mitre.org/techniques/T1499/
# - description: Docker documentation, Compose file reference, services, cgroup_parent
#   ref: https://docs.docker.com/reference/compose-file/services/#cgroup_parent
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   keys:
#   - services.*.cgroup_parent
#   remediation: >-
#     Remove `cgroup_parent`.
package trust["cgroup-parent"]

violation contains {"path": ["services", name, "cgroup_parent"], "message": message} if {
	some name, service in input.project.services
	service.cgroup_parent != ""
	message := sprintf("service %q moves itself below the cgroup %q of the host", [name, service.cgroup_parent])
}
