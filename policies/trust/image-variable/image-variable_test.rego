package trust["image-variable_test"]

import data.trust["image-variable"] as rule

test_fires_with_or_without_a_default if {
	rule.violation == {
		{"path": ["services", "web", "image"], "position": "compose.yml:3:12", "message": "service \"web\" has an image whose name depends on the variable \"TAG\""},
		{"path": ["services", "web", "pre_start", 0, "image"], "message": "service \"web\" has an image whose name depends on the variable \"PORT\""},
	} with input as {"variables": [
		{"name": "TAG", "operator": ":-", "key": "services.*.image", "path": ["services", "web", "image"], "position": "compose.yml:3:12"},
		{"name": "PORT", "operator": "", "key": "services.*.pre_start.*.image", "path": ["services", "web", "pre_start", 0, "image"]},
	]}
}

test_fires_through_an_alias if {
	{v.path | some v in rule.violation} == {["services", "web", "image"]} with input as {
		"variables": [{"name": "PORT", "operator": "", "key": "", "path": ["x-image"], "position": "compose.yml:1:10"}],
		"project": {"services": {"web": {"image": "python:${PORT}"}, "other": {"image": "python:$${PORT}"}}},
	}
}

test_silent_elsewhere if {
	rule.violation == set() with input as {"variables": [{"name": "PORT", "operator": "", "key": "services.*.ports", "path": ["services", "web", "ports", 0], "position": "compose.yml:3:12"}]}
	rule.violation == set() with input as {}
}
