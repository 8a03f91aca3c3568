package contract["project-name_test"]

import data.contract["project-name"] as rule

test_fires if {
	found := {v.path | some v in rule.violation} with input as {"keys": [{"key": "services"}, {"key": "name"}]}
	found == {["name"]}
}

test_silent if rule.violation == set() with input as {"keys": [{"key": "services"}, {"key": "networks.*.name"}]}
