# METADATA
# title: More than any template needs
# description: >-
#   A limit that is larger than any machine is none. Sixty networks use up the addresses that Docker has for all stacks, a hundred
#   thousand containers use up the machine, and a negative grace period never ends. What is too much is kept in
#   policies/data/bounds.yaml.
# related_resources:
# - description: MITRE ATT&CK for Containers, T1496 Resource Hijacking
#   ref: https://attack.mitre.org/techniques/T1496/
# - description: MITRE ATT&CK for Containers, T1499 Endpoint Denial of Service
#   ref: https://attack.mitre.org/techniques/T1499/
# - description: OWASP Docker Security Cheat Sheet, rule 7 Limit resources
#   ref: https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   remediation: Ask for what the service needs. The bounds stand in policies/data/bounds.yaml.
package trust["resource-bounds"]

import data.tables.bounds

violation contains {"path": [section], "message": message} if {
	some section in ["services", "networks", "volumes"]
	number := count(input.project[section])
	number > bounds[section]
	message := sprintf("the stack has %d %s: more than %d are never needed", [number, section, bounds[section]])
}

violation contains {"path": array.concat(["services", name], at), "message": message} if {
	some name, service in input.project.services
	some [at, bound] in limits
	value := object.get(service, at, 0)
	value > bounds[bound]
	message := sprintf("service %q sets %s to %v: more than %v is never needed", [name, concat(".", at), value, bounds[bound]])
}

limits := [
	[["scale"], "replicas"],
	[["deploy", "replicas"], "replicas"],
	[["pids_limit"], "pids"],
	[["deploy", "resources", "limits", "pids"], "pids"],
	[["mem_limit"], "memory"],
	[["deploy", "resources", "limits", "memory"], "memory"],
	[["cpus"], "cpus"],
	[["deploy", "resources", "limits", "cpus"], "cpus"],
	[["cpu_count"], "cpus"],
]

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
