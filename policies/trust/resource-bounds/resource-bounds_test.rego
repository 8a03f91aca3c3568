package trust["resource-bounds_test"]

import data.trust["resource-bounds"] as rule

paths(service) := {v.path | some v in found} if {
	found := rule.violation with input.project.services as {"web": service}
}

test_fires_on_each if {
	paths({"scale": 100000}) == {["services", "web", "scale"]}
	paths({"deploy": {"replicas": 9}}) == {["services", "web", "deploy", "replicas"]}
	paths({"pids_limit": 4194304}) == {["services", "web", "pids_limit"]}
	paths({"deploy": {"resources": {"limits": {"pids": 40000, "memory": 9223372036854775807, "cpus": 1000}}}}) == {
		["services", "web", "deploy", "resources", "limits", "pids"],
		["services", "web", "deploy", "resources", "limits", "memory"],
		["services", "web", "deploy", "resources", "limits", "cpus"],
	}
	paths({"mem_limit": 4398046511104, "cpus": 513}) == {["services", "web", "mem_limit"], ["services", "web", "cpus"]}
	paths({"ulimits": {"core": {"soft": -1, "hard": -1}, "nofile": {"soft": 1, "hard": 100000000}, "msgqueue": {"soft": 1, "hard": 1}}}) == {
		["services", "web", "ulimits", "core"],
		["services", "web", "ulimits", "nofile"],
		["services", "web", "ulimits", "msgqueue"],
	}
	paths({"stop_grace_period": -1}) == {["services", "web", "stop_grace_period"]}
}

test_fires_on_many if {
	found := {v.path | some v in rule.violation} with input.project as {
		"networks": {sprintf("n%d", [i]): {} | some i in numbers.range(1, 60)},
		"volumes": {sprintf("v%d", [i]): {} | some i in numbers.range(1, 33)},
		"services": {sprintf("s%d", [i]): {} | some i in numbers.range(1, 33)},
	}
	found == {["networks"], ["volumes"], ["services"]}
}

test_silent if {
	paths({
		"scale": 2, "pids_limit": 512, "mem_limit": 68719476736, "cpus": 8, "stop_grace_period": 10,
		"ulimits": {"core": {"soft": 0, "hard": 0}, "nofile": {"soft": 65536, "hard": 65536}, "memlock": {"soft": -1, "hard": -1}},
	}) == set()
}
