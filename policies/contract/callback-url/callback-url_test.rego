package contract["callback-url_test"]

import data.contract["callback-url"] as rule

paths(service) := found if {
	found := {v.path | some v in rule.violation} with input as {"project": {"services": {"a": object.union({"ports": [{"target": 5555}]}, service)}}}
}

here := {["services", "a", "environment", "CALLBACK_URL"]}

test_silent if {
	paths({"environment": {"CALLBACK_URL": "${CALLBACK_URL}"}}) == set()
	paths({"environment": {"CALLBACK_URL": null}}) == set()
	paths({"ports": [{"target": 80}]}) == set()
}

test_missing if {
	paths({}) == here
	paths({"environment": {"CALLBACK_URL": ""}}) == here
}

test_another if {
	paths({"environment": {"CALLBACK_URL": "http://example.com"}}) == here
	paths({"environment": {"CALLBACK_URL": "${CALLBACK_URL}/x"}}) == here
	paths({"environment": {"CALLBACK_URL": "$${CALLBACK_URL}"}}) == here
}
