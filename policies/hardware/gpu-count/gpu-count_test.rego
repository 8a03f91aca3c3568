package hardware["gpu-count_test"]

import data.hardware["gpu-count"] as rule

paths(request) := found if {
	found := {v.path | some v in rule.violation} with input as {"environment": "nvidia", "project": {"services": {"a": {"gpus": [request]}}}}
}

test_silent_with_a_count if {
	paths({"count": 1}) == set()
	paths({"count": 2, "driver": "nvidia"}) == set()
}

test_all if {
	paths({"count": -1}) == {["services", "a", "gpus", 0, "count"]}
	paths({"driver": "nvidia"}) == {["services", "a", "gpus", 0, "count"]}
}

test_none_at_all if paths({"count": 0}) == {["services", "a", "gpus", 0, "count"]}

test_pinned if paths({"device_ids": ["0", "3"]}) == {["services", "a", "gpus", 0, "device_ids"]}

test_both_forms if {
	request := {"driver": "nvidia", "count": -1, "capabilities": ["gpu"]}
	services := {"a": {"deploy": {"resources": {"reservations": {"devices": [request]}}}}}
	found := {v.path | some v in rule.violation} with input as {"environment": "nvidia", "project": {"services": services}}
	found == {["services", "a", "deploy", "resources", "reservations", "devices", 0, "count"]}
}
