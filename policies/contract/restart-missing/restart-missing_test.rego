package contract["restart-missing_test"]

import data.contract["restart-missing"] as rule

paths(service) := found if {
	all := {"a": service, "b": {"restart": "on-failure", "depends_on": {"c": {"condition": "service_completed_successfully"}}}, "c": {}}
	found := {v.path | some v in rule.violation} with input as {"project": {"services": all}}
}

test_silent if {
	paths({"restart": "unless-stopped"}) == set()
	paths({"restart": "always"}) == set()
	paths({"deploy": {"restart_policy": {"condition": "on-failure"}}}) == set()
}

test_fires if {
	paths({}) == {["services", "a", "restart"]}
	paths({"restart": "no"}) == {["services", "a", "restart"]}
	paths({"restart": "always", "deploy": {"restart_policy": {"condition": "none"}}}) == {["services", "a", "restart"]}
}
