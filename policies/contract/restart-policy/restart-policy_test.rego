package contract["restart-policy_test"]

import data.contract["restart-policy"] as rule

paths(service) := found if {
	all := {"a": service, "b": {"depends_on": {"c": {"condition": "service_completed_successfully"}}}, "c": {"restart": "unless-stopped"}}
	found := {v.path | some v in rule.violation} with input as {"project": {"services": all}}
}

once := {["services", "c", "restart"]}

test_silent_for_good_ones if {
	paths({}) == once
	paths({"restart": "no"}) == once
	paths({"restart": "unless-stopped"}) == once
	paths({"restart": "on-failure:5"}) == once
	rule.violation == set() with input as {"project": {"services": {"a": {"restart": "unless-stopped"}}}}
}

test_always if {
	paths({"restart": "always"}) == once | {["services", "a", "restart"]}
	paths({"deploy": {"restart_policy": {"condition": "any"}}}) == once | {["services", "a", "deploy", "restart_policy", "condition"]}
	paths({"restart": "no", "deploy": {"restart_policy": {}}}) == once | {["services", "a", "deploy", "restart_policy", "condition"]}
}
