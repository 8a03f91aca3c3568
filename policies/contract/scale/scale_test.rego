package contract.scale_test

import data.contract.scale as rule

paths(service) := found if {
	found := {v.path | some v in rule.violation} with input as {"project": {"services": {"a": service}}}
}

public := {"ports": [{"target": 5555}]}

test_silent if {
	paths(public) == set()
	paths(object.union(public, {"scale": 1, "deploy": {"mode": "replicated"}})) == set()
	paths({"deploy": {"replicas": 2}}) == set()
}

test_more if {
	paths(object.union(public, {"scale": 2})) == {["services", "a", "scale"]}
	paths(object.union(public, {"deploy": {"replicas": 2}})) == {["services", "a", "deploy", "replicas"]}
}

test_none if {
	paths({"scale": 0}) == {["services", "a", "scale"]}
	paths({"deploy": {"replicas": 0}}) == {["services", "a", "deploy", "replicas"]}
}

test_mode if paths({"deploy": {"mode": "global"}}) == {["services", "a", "deploy", "mode"]}
