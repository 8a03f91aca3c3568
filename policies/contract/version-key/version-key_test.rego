package contract["version-key_test"]

import data.contract["version-key"] as rule

test_fires if {
	found := {v.path | some v in rule.violation} with input as {"keys": [{"key": "version"}]}
	found == {["version"]}
}

test_silent if rule.violation == set() with input as {"keys": [{"key": "services"}]}
