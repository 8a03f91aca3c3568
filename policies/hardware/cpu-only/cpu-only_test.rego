package hardware["cpu-only_test"]

import data.hardware["cpu-only"] as rule

paths(environment, service) := found if {
	found := {v.path | some v in rule.violation} with input as {"environment": environment, "project": {"services": {"a": service}}}
}

everything := {
	"gpus": [{"count": 1}],
	"devices": [{"source": "/dev/dri"}],
	"runtime": "nvidia",
	"environment": {"NVIDIA_VISIBLE_DEVICES": "all"},
	"deploy": {"resources": {"reservations": {"devices": [{"driver": "nvidia"}]}}},
}

test_silent if {
	paths("cpu", {"runtime": "runc", "environment": {"NVIDIA_VISIBLE_DEVICES": "void"}}) == set()
	paths("nvidia", everything) == set()
}

test_each_way if {
	paths("cpu", everything) == {
		["services", "a", "gpus", 0],
		["services", "a", "devices", 0],
		["services", "a", "runtime"],
		["services", "a", "environment", "NVIDIA_VISIBLE_DEVICES"],
		["services", "a", "deploy", "resources", "reservations", "devices", 0],
	}
}
