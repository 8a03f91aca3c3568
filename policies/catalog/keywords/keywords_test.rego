package catalog.keywords_test

import data.catalog.keywords as rule

test_fires if {
	found := {v.path | some v in rule.violation} with input as {"template": {"manifest": {}}}
	found == {["keywords"]}
}

test_silent if rule.violation == set() with input as {"template": {"manifest": {"keywords": ["chat"]}}}
