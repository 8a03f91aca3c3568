package catalog.privacy_test

import data.catalog.privacy as rule

test_fires if {
	found := {v.path | some v in rule.violation} with input as {"template": {"manifest": {"terms": {"privacyEnabled": true}}}}
	found == {["terms", "privacyEnabled"]}
}

test_silent if rule.violation == set() with input as {"template": {"manifest": {"terms": {"privacyEnabled": false}}}}
