package contract["depends-on_test"]

import data.contract["depends-on"] as rule

paths(dependency, target) := found if {
	found := {v.path | some v in rule.violation} with input as {"project": {"services": {"a": {"depends_on": {"b": dependency}}, "b": target}}}
}

here := {["services", "a", "depends_on", "b", "condition"]}

test_silent if {
	paths({"condition": "service_healthy"}, {"healthcheck": {"test": ["CMD", "true"]}}) == set()
	paths({"condition": "service_healthy"}, {}) == set()
	paths({"condition": "service_completed_successfully"}, {}) == set()
}

test_started if {
	paths({"condition": "service_started"}, {}) == here
	paths({}, {}) == here
}

test_health_that_never_comes if {
	paths({"condition": "service_healthy"}, {"healthcheck": {"test": ["NONE"]}}) == here
	paths({"condition": "service_healthy"}, {"healthcheck": {"disable": true}}) == here
}
