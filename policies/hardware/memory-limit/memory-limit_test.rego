package hardware["memory-limit_test"]

import data.hardware["memory-limit"] as rule

paths(service) := found if {
	found := {v.path | some v in rule.violation} with input as {"project": {"services": {"a": service}}}
}

test_silent if {
	paths({"mem_limit": 1000}) == set()
	paths({"deploy": {"resources": {"limits": {"memory": 1000}}}}) == set()
}

test_missing if paths({}) == {["services", "a", "mem_limit"]}

test_unlimited if {
	paths({"mem_limit": 0}) == {["services", "a", "mem_limit"]}
	paths({"mem_limit": -1}) == {["services", "a", "mem_limit"]}
	paths({"deploy": {"resources": {"limits": {"memory": 0}}}}) == {["services", "a", "deploy", "resources", "limits", "memory"]}
}
