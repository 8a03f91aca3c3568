package catalog.parameters_test

import data.catalog.parameters as rule

paths(a, b) := found if {
	parameters := {"a": {"targets": [a]}, "b": {"targets": [b]}}
	found := {v.path | some v in rule.violation} with input as {"template": {"manifest": {"parameters": parameters}}}
}

whole := {"service": "s", "variable": "V"}

both := {["parameters", "a", "targets", 0], ["parameters", "b", "targets", 0]}

test_silent if {
	paths(whole, {"service": "s", "variable": "W"}) == set()
	paths(whole, {"service": "t", "variable": "V"}) == set()
	paths(object.union(whole, {"key": "x"}), object.union(whole, {"key": "y"})) == set()
}

test_fires if {
	paths(whole, whole) == both
	paths(whole, object.union(whole, {"key": "x"})) == both
	paths(object.union(whole, {"key": "x"}), object.union(whole, {"key": "x"})) == both
}
