package contract["self-contained_test"]

import data.contract["self-contained"] as rule

keys := [
	{"key": "include", "path": ["include"]},
	{"key": "services.*.extends", "path": ["services", "a", "extends"]},
	{"key": "services.*.extends.file", "path": ["services", "b", "extends", "file"]},
]

test_fires_in_a_custom_source if {
	found := {v.path | some v in rule.violation} with input as {"keys": keys}
	found == {["include"], ["services", "b", "extends", "file"]}
}

test_silent_in_a_template if {
	rule.violation == set() with input as {"keys": keys, "template": {"name": "a"}}
}

test_silent_within_the_file if {
	rule.violation == set() with input as {"keys": [keys[1]]}
}
