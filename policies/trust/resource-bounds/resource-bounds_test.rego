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

at(service) := {array.slice(path, 2, count(path)) | some path in paths(service)}

limit(key, value) := {"deploy": {"resources": {"limits": {key: value}}}}

test_limits_that_are_none if {
	every value in [0.0000000001, 0.009, -1, -0.5] {
		at({"cpus": value}) == {["cpus"]}
		at(limit("cpus", value)) == {["deploy", "resources", "limits", "cpus"]}
	}
	every value in [-1, 1, 6291455] {
		at({"mem_limit": value}) == {["mem_limit"]}
		at(limit("memory", value)) == {["deploy", "resources", "limits", "memory"]}
	}
	every value in [-1, 1, 999] {
		at({"cpu_quota": value}) == {["cpu_quota"]}
	}
	at({"cpu_quota": 1000, "cpu_period": 1000000}) == {["cpu_quota"]}
}

test_quota_and_period if {
	at({"cpu_quota": 100000000000, "cpu_period": 100000}) == {["cpu_quota"]}
	at({"cpu_quota": 6400001}) == {["cpu_quota"]}
	at({"cpu_quota": 65000, "cpu_period": 1000}) == {["cpu_quota"]}
	every value in [1, 999, 1000001, -1] {
		["cpu_period"] in at({"cpu_period": value})
	}
	at({"cpus": 1, "cpu_quota": 100000}) == {["cpu_quota"]}
	at(object.union(limit("cpus", 1), {"cpu_period": 100000})) == {["cpu_period"]}
}

test_devices if {
	at({"gpus": [{"count": 9}]}) == {["gpus", 0, "count"]}
	at({"gpus": [{"device_ids": [sprintf("%d", [i]) | some i in numbers.range(0, 8)]}]}) == {["gpus", 0, "device_ids"]}
	at({"deploy": {"resources": {"reservations": {"devices": [{"count": 99}]}}}}) == {["deploy", "resources", "reservations", "devices", 0, "count"]}
}

test_memory_in_other_forms if {
	at({"shm_size": 274877906945}) == {["shm_size"]}
	at({"mem_reservation": 274877906945}) == {["mem_reservation"]}
	at({"deploy": {"resources": {"reservations": {"memory": 274877906945}}}}) == {["deploy", "resources", "reservations", "memory"]}
	at({"volumes": [{"type": "tmpfs", "target": "/x", "tmpfs": {"size": 274877906945}}]}) == {["volumes", 0, "tmpfs", "size"]}
}

together(all) if {
	found := {v.path | some v in rule.violation} with input.project.services as all
	found == {["services"]}
}

test_together if {
	together({sprintf("s%d", [i]): {"mem_limit": 274877906944} | some i in numbers.range(1, 3)})
	together({sprintf("s%d", [i]): {"cpus": 64} | some i in numbers.range(1, 3)})
	together({"a": {"cpu_quota": 6400000, "scale": 3}})
	together({"a": {"pids_limit": 8192, "scale": 3}})
	together({sprintf("s%d", [i]): {"scale": 8} | some i in numbers.range(1, 9)})
	not together({sprintf("s%d", [i]): {"mem_limit": 274877906944, "cpus": 64, "pids_limit": 8192, "gpus": [{"count": 8}]} | some i in numbers.range(1, 2)})
}

test_silent_at_the_bounds if {
	at({"mem_limit": 6291456, "cpus": 0.01, "pids_limit": 1}) == set()
	at({"mem_limit": 0, "cpus": 0, "cpu_quota": 0, "cpu_period": 0, "shm_size": 0}) == set()
	at({"cpu_quota": 50000, "cpu_period": 100000}) == set()
	at({"cpu_quota": 1000}) == set()
	at({"gpus": [{"count": 8}, {"count": -1}]}) == set()
}
