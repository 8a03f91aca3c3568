package hardware["cpu-limit_test"]

import data.hardware["cpu-limit"] as rule

paths(service) := found if {
	found := {v.path | some v in rule.violation} with input as {"project": {"services": {"a": service}}}
}

test_silent if {
	paths({"cpus": 1000}) == set()
	paths({"deploy": {"resources": {"limits": {"cpus": 1000}}}}) == set()
}

test_missing if paths({}) == {["services", "a", "cpus"]}

test_unlimited if {
	paths({"cpus": 0}) == {["services", "a", "cpus"]}
	paths({"cpus": -1}) == {["services", "a", "cpus"]}
	paths({"deploy": {"resources": {"limits": {"cpus": 0}}}}) == {["services", "a", "deploy", "resources", "limits", "cpus"]}
}
