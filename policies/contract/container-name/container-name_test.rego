package contract["container-name_test"]

import data.contract["container-name"] as rule

test_fires if {
	found := {v.path | some v in rule.violation} with input as {"project": {"services": {"a": {"container_name": "x"}, "b": {}}}}
	found == {["services", "a", "container_name"]}
}

test_silent if rule.violation == set() with input as {"project": {"services": {"a": {}}}}
