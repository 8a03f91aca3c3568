package trust["image-missing_test"]

import data.trust["image-missing"] as rule

test_fires if {
	{v.path | some v in rule.violation} == {["services", "a", "image"], ["services", "b", "image"]} with input as {"project": {"services": {
		"a": {"command": ["true"]},
		"b": {"image": ""},
	}}}
}

test_silent if {
	rule.violation == set() with input as {"project": {"services": {
		"a": {"image": "x"},
		"b": {"build": {"context": "."}},
		"c": {"provider": {"type": "x"}},
	}}}
}
