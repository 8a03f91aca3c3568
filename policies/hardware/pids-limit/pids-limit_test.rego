package hardware["pids-limit_test"]

import data.hardware["pids-limit"] as rule

paths(service) := found if {
	found := {v.path | some v in rule.violation} with input as {"project": {"services": {"a": service}}}
}

test_silent if {
	paths({"pids_limit": 1000}) == set()
	paths({"deploy": {"resources": {"limits": {"pids": 1000}}}}) == set()
}

test_missing if paths({}) == {["services", "a", "pids_limit"]}

test_unlimited if {
	paths({"pids_limit": 0}) == {["services", "a", "pids_limit"]}
	paths({"pids_limit": -1}) == {["services", "a", "pids_limit"]}
	paths({"deploy": {"resources": {"limits": {"pids": 0}}}}) == {["services", "a", "deploy", "resources", "limits", "pids"]}
}
