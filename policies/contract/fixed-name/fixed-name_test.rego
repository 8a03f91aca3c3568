package contract["fixed-name_test"]

import data.contract["fixed-name"] as rule

test_fires if {
	found := {v.path | some v in rule.violation} with input as {"project": {
		"networks": {"default": {"name": "shared"}, "x": {}},
		"volumes": {"cache": {"name": "models"}, "y": {"name": "z", "external": true}},
	}}
	found == {["networks", "default", "name"], ["volumes", "cache", "name"]}
}

test_silent if rule.violation == set() with input as {"project": {"services": {}, "volumes": {"cache": {}}}}
