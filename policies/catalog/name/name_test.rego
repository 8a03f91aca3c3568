package catalog.name_test

import data.catalog.name as rule

test_fires if {
	found := {v.path | some v in rule.violation} with input as {"template": {"name": "a", "manifest": {"name": "b"}}}
	found == {["name"]}
}

test_silent if {
	rule.violation == set() with input as {"template": {"name": "a", "manifest": {"name": "a"}}}
	rule.violation == set() with input as {"template": {"name": "a", "manifest": {}}}
}
