# METADATA
# title: More than any template needs, or a limit that is none
# description: >-
#   A limit that is larger than any machine is none. Sixty networks use up the addresses that Docker has for all stacks, a hundred
#   thousand containers use up the machine, and a negative grace period never ends. A limit that is too small is none either: a
#   millionth of a core becomes 0 on the way to the engine, which is no limit, and negative memory is all there is. What is too much or
#   too little is kept in policies/data/bounds.yaml.
# related_resources:
# - description: MITRE ATT&CK for Containers, T1496 Resource Hijacking
#   ref: https://attack.mitre.org/techniques/T1496/
# - description: MITRE ATT&CK for Containers, T1499 Endpoint Denial of Service
#   ref: https://attack.mitre.org/techniques/T1499/
# - description: OWASP Docker Security Cheat Sheet, rule 7 Limit resources
#   ref: https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html
# - description: Docker documentation, Resource constraints
#   ref: https://docs.docker.com/engine/containers/resource_constraints/
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   remediation: Ask for what the service needs. The bounds stand in policies/data/bounds.yaml.
package trust["resource-bounds"]

import data.lib.services
import data.tables.bounds

violation contains {"path": [section], "message": message} if {
	some section in ["services", "networks", "volumes"]
	number := count(input.project[section])
	number > bounds[section]
	message := sprintf("the stack has %d %s: more than %d are never needed", [number, section, bounds[section]])
}

# What one service has too much of is told below, and counts as much as it may.
violation contains {"path": ["services"], "message": message} if {
	some what, limits in {
		"containers": {name: 1 | some name, _ in input.project.services},
		"memory": services.memory_limit,
		"cpus": services.cpu_limit,
		"pids": services.pids_limit,
	}
	whole := sum([number |
		some name, limit in limits
		number := min([limit, object.get(bounds, what, limit)]) * max([0, min([services.scale(input.project.services[name]), bounds.replicas])])
	])
	whole > bounds.together[what]
	message := sprintf("the services together may have %v %s: more than %v are never needed", [amount(what, whole), unit(what), amount(what, bounds.together[what])])
}

amount(what, number) := ceil(number / 1048576) if {
	what == "memory"
} else := ceil(number * 100) / 100

unit(what) := object.get({"memory": "MiB of memory", "pids": "processes", "cpus": "CPUs"}, what, what)

violation contains {"path": array.concat(["services", name], at), "message": message} if {
	some name, service in input.project.services
	some [at, bound] in limits
	value := object.get(service, at, 0)
	value > bounds[bound]
	message := sprintf("service %q sets %s to %v: more than %v is never needed", [name, concat(".", at), value, bounds[bound]])
}

limits := array.concat(least_limits, [
	[["scale"], "replicas"],
	[["deploy", "replicas"], "replicas"],
	[["pids_limit"], "pids"],
	[["deploy", "resources", "limits", "pids"], "pids"],
	[["mem_reservation"], "memory"],
	[["deploy", "resources", "reservations", "memory"], "memory"],
	[["shm_size"], "memory"],
	[["cpu_count"], "cpus"],
])

least_limits := [
	[["mem_limit"], "memory"],
	[["deploy", "resources", "limits", "memory"], "memory"],
	[["cpus"], "cpus"],
	[["deploy", "resources", "limits", "cpus"], "cpus"],
]

# A 0 says nothing, as if the key were not there.
violation contains {"path": array.concat(["services", name], at), "message": message} if {
	some name, service in input.project.services
	some [at, bound] in least_limits
	value := object.get(service, at, 0)
	value != 0
	value < bounds.least[bound]
	message := sprintf("service %q sets %s to %v, which the engine takes for no limit or refuses: it takes %v and more", [name, concat(".", at), value, bounds.least[bound]])
}

violation contains {"path": ["services", name, "cpu_quota"], "message": message} if {
	some name, service in input.project.services
	service.cpu_quota != 0
	service.cpu_quota < bounds.least.quota
	message := sprintf("service %q sets cpu_quota to %v, which the engine takes for no limit or refuses: it takes %v and more", [name, service.cpu_quota, bounds.least.quota])
}

violation contains {"path": ["services", name, "cpu_quota"], "message": message} if {
	some name, service in input.project.services
	service.cpu_quota >= bounds.least.quota
	cores := services.quota(service)
	not reasonable(cores)
	message := sprintf("service %q may use %v CPUs by its cpu_quota: it is between %v and %v", [name, cores, bounds.least.cpus, bounds.cpus])
}

reasonable(cores) if {
	cores >= bounds.least.cpus
	cores <= bounds.cpus
}

violation contains {"path": ["services", name, "cpu_period"], "message": message} if {
	some name, service in input.project.services
	service.cpu_period != 0
	not period(service.cpu_period)
	message := sprintf("service %q sets cpu_period to %v, which the kernel refuses: it is between %v and %v", [name, service.cpu_period, bounds.least.quota, bounds.period])
}

period(value) if {
	value >= bounds.least.quota
	value <= bounds.period
}

# Without a quota or with cpus beside it, the engine drops the quota or refuses both.
violation contains {"path": ["services", name, key], "message": message} if {
	some name, service in input.project.services
	some key in ["cpu_quota", "cpu_period"]
	service[key] != 0
	services.wins(service, "cpus", "cpus") != 0
	message := sprintf("service %q sets both cpus and %s: the engine refuses that", [name, key])
}

violation contains {"path": array.concat(entry.path, [key]), "message": message} if {
	some entry in services.device_requests
	some key, number in {
		"count": object.get(entry.request, "count", 0),
		"device_ids": count(object.get(entry.request, "device_ids", [])),
	}
	number > bounds.gpus
	message := sprintf("service %q asks for %d GPUs: more than %d are never needed", [entry.service, number, bounds.gpus])
}

# Pages of tmpfs count towards the limit of the service: a size is no promise beyond it.
violation contains {"path": ["services", name, "volumes", i, "tmpfs", "size"], "message": message} if {
	some name, service in input.project.services
	some i, volume in service.volumes
	size := volume.tmpfs.size
	size > bounds.memory
	message := sprintf("service %q has %v bytes of tmpfs: more than %v is never needed", [name, size, bounds.memory])
}

violation contains {"path": ["services", name, "ulimits", limit], "message": message} if {
	some name, service in input.project.services
	some limit, values in service.ulimits
	some value in values
	not fits(limit, value)
	message := sprintf("service %q sets the ulimit %q to %d", [name, limit, value])
}

# A locked page is memory of the container, which trust/scheduling looks at.
fits("memlock", _) := true

fits(limit, value) if {
	limit != "memlock"
	value >= 0
	value <= bounds.ulimits[limit]
}

violation contains {"path": ["services", name, "stop_grace_period"], "message": message} if {
	some name, service in input.project.services
	service.stop_grace_period < 0
	message := sprintf("service %q has a negative grace period: stopping it would never end", [name])
}
