package hardware["amd-devices_test"]

import data.hardware["amd-devices"] as rule

paths(services) := found if {
	found := {v.path | some v in rule.violation} with input as {"environment": "amd", "project": {"services": services}}
}

kfd := {"source": "/dev/kfd", "target": "/dev/kfd", "permissions": "rwm"}

dri := {"source": "/dev/dri", "target": "/dev/dri", "permissions": "rw"}

test_silent_with_both if {
	paths({"a": {"devices": [kfd, dri]}, "b": {}}) == set()
	paths({"a": {"devices": [{"source": "//dev/kfd/"}, dri]}}) == set()
	found := rule.violation with input as {"environment": "cpu", "project": {"services": {"a": {}}}}
	found == set()
}

test_nobody if paths({"a": {}}) == {["services"]}

test_one_is_missing if {
	paths({"a": {"devices": [kfd]}}) == {["services", "a", "devices"]}
	paths({"a": {"devices": [dri]}}) == {["services", "a", "devices"]}
	paths({"a": {"devices": [kfd]}, "b": {"devices": [dri]}}) == {["services", "a", "devices"], ["services", "b", "devices"]}
}

test_nothing_else if {
	paths({"a": {"devices": [kfd, dri, {"source": "/dev/mem"}]}}) == {["services", "a", "devices", 2]}
	paths({"a": {"devices": [kfd, {"source": "/dev/dri/renderD128"}]}}) == {["services", "a", "devices", 1]}
	paths({"a": {"devices": [kfd, dri]}, "b": {"devices": [{"source": "/dev/dri/../mem"}]}}) == {["services", "b", "devices", 0], ["services", "b", "devices"]}
}

test_under_their_own_names_to_read_and_write if {
	paths({"a": {"devices": [kfd, {"source": "/dev/dri", "target": "/dev/x"}]}}) == {["services", "a", "devices", 1]}
	paths({"a": {"devices": [kfd, {"source": "/dev/dri", "target": "/dev/dri", "permissions": "r"}]}}) == {["services", "a", "devices", 1]}
}

test_no_nvidia if {
	paths({"a": {"devices": [kfd, dri], "gpus": [{"count": 1}]}}) == {["services", "a", "gpus", 0]}
	paths({"a": {"devices": [kfd, dri], "runtime": "nvidia"}}) == {["services", "a", "runtime"]}
}
