# METADATA
# title: "Priority over the provider's own work"
# description: >-
#   Several sources and the provider's own programs share one machine. Real-time priority, more than
#   the usual share of CPU or disk, chosen cores, memory locked without limit and a root disk of a
#   chosen size all take from the others.
# related_resources:
# - description: CIS Docker Benchmark v1.6.0, 5.12 Ensure that CPU priority is set appropriately on containers
#   ref: https://www.cisecurity.org/benchmark/docker
# - description: CIS Docker Benchmark v1.6.0, 5.19 Ensure that the default ulimit is overwritten at runtime if needed
#   ref: https://www.cisecurity.org/benchmark/docker
# - description: "MITRE ATT&CK for Containers, T1499 Endpoint Denial of Service"
#   ref: https://attack.mitre.org/techniques/T1499/
# - description: Docker documentation, Resource constraints
#   ref: https://docs.docker.com/engine/containers/resource_constraints/
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   keys:
#   - services.*.cpu_rt_period
#   - services.*.cpu_rt_runtime
#   - services.*.cpuset
#   - services.*.cpu_shares
#   - services.*.blkio_config
#   - services.*.storage_opt
#   - services.*.ulimits
#   remediation: >-
#     Remove the key. `cpus` and `mem_limit` say how much a service may use; an unlimited `memlock`
#     needs a memory limit.
package trust.scheduling

import data.lib.services

violation contains {"path": ["services", name, key], "message": message} if {
	some name, service in input.project.services
	some key in ["cpu_rt_period", "cpu_rt_runtime", "cpuset", "storage_opt"]
	not service[key] in {"", 0, "0"}
	message := sprintf("service %q sets %s, which takes from what else runs on the host", [name, key])
}

violation contains {"path": ["services", name, "cpu_shares"], "message": message} if {
	some name, service in input.project.services
	service.cpu_shares > 1024
	message := sprintf("service %q takes %d CPU shares: the usual share is 1024", [name, service.cpu_shares])
}

violation contains {"path": ["services", name, "blkio_config", "weight"], "message": message} if {
	some name, service in input.project.services
	weight := sprintf("%v", [service.blkio_config.weight])
	regex.match(`^[0-9]{1,9}$`, weight)
	to_number(weight) > 500
	message := sprintf("service %q takes a block I/O weight of %s: the usual weight is 500", [name, weight])
}

violation contains {"path": ["services", name, "ulimits", limit], "message": message} if {
	some name, service in input.project.services
	some limit in ["rtprio", "nice"]
	some _, value in service.ulimits[limit]
	value != 0
	message := sprintf("service %q may raise its priority: its limit %s is %d", [name, limit, value])
}

# Locked memory counts against the memory limit; without one it is the host's.
violation contains {"path": ["services", name, "ulimits", "memlock"], "message": message} if {
	some name, service in input.project.services
	some limit, values in service.ulimits
	limit == "memlock"
	some value in values
	value == -1
	not services.memory_limit[name]
	message := sprintf("service %q may lock all memory of the host: it has no memory limit", [name])
}
