package hardware["amd-groups_test"]

import data.hardware["amd-groups"] as rule

paths(service) := found if {
	found := {v.path | some v in rule.violation} with input as {"environment": "amd", "project": {"services": {"a": object.union({"devices": [{"source": "/dev/kfd"}]}, service)}}}
}

test_silent if {
	paths({}) == set()
	paths({"user": "0:0"}) == set()
	paths({"user": "root"}) == set()
	paths({"user": "1000", "group_add": ["render", "video"]}) == set()
	paths({"user": "1000", "devices": []}) == set()
}

test_missing if {
	paths({"user": "1000"}) == {["services", "a", "group_add"]}
	paths({"user": "app:app", "group_add": ["video"]}) == {["services", "a", "group_add"]}
}
