package catalog["parameter-targets_test"]

import data.catalog["parameter-targets"] as rule

paths(environment, default_value, target) := found if {
	parameters := {"p": {"default": default_value, "targets": [object.union({"service": "s", "variable": "V"}, target)]}}
	found := {v.path | some v in rule.violation} with input as {
		"project": {"services": {"s": {"environment": environment}}},
		"template": {"manifest": {"parameters": parameters}},
	}
}

here := {["services", "s", "environment", "V"]}

test_silent if {
	paths({"V": "a"}, "a", {}) == set()
	paths({"V": "5"}, 5, {}) == set()
	paths({"V": "0.5"}, 0.5, {}) == set()
	paths({"V": "true"}, true, {}) == set()
	paths({"V": "a$$b"}, "a$b", {}) == set()
	paths({"V": `{"k": "a", "l": 1}`}, "a", {"key": "k"}) == set()
	paths({"V": `{"k": 1}`}, 1, {"key": "k"}) == set()
	rule.violation == set() with input as {"project": {"services": {"s": {}}}}
}

test_no_target if {
	paths({}, "a", {"service": "t"}) == {["services", "t"]}
	paths({}, "a", {}) == here
	paths({"V": null}, "a", {}) == here
}

test_another_value if {
	paths({"V": "b"}, "a", {}) == here
	paths({"V": "05"}, 5, {}) == here
	paths({"V": ""}, "a", {}) == here
}

test_json if {
	paths({"V": "{"}, "a", {"key": "k"}) == here
	paths({"V": "[]"}, "a", {"key": "k"}) == here
	paths({"V": "{}"}, "a", {"key": "k"}) == here
	paths({"V": `{"k": "b"}`}, "a", {"key": "k"}) == here
	paths({"V": `{"k": "1"}`}, 1, {"key": "k"}) == here
}
