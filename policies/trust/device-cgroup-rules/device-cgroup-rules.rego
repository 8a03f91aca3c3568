# METADATA
# title: Device rule for the whole container
# description: >-
#   A device cgroup rule opens a class of devices by its number, such as every disk. Together with
#   the capability to make device nodes it reaches the host's disks without any mount.
# related_resources:
# - description: CIS Docker Benchmark v1.6.0, 5.18 Ensure that host devices are not directly exposed to containers
#   ref: https://www.cisecurity.org/benchmark/docker
# - description: "MITRE ATT&CK for Containers, T1611 Escape to Host"
#   ref: https://attack.mitre.org/techniques/T1611/
# - description: Docker documentation, Compose file reference, services, device_cgroup_rules
#   ref: https://docs.docker.com/reference/compose-file/services/#device_cgroup_rules
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   keys:
#   - services.*.device_cgroup_rules
#   remediation: >-
#     Remove `device_cgroup_rules`. The environment's own GPU needs none.
package trust["device-cgroup-rules"]

violation contains {"path": ["services", name, "device_cgroup_rules", i], "message": message} if {
	some name, service in input.project.services
	some i, entry in service.device_cgroup_rules
	message := sprintf("service %q opens devices of the host by the rule %q", [name, entry])
}
