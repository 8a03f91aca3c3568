package catalog["unpinned-stale_test"]

import data.catalog["unpinned-stale"] as rule

paths(image, environments) := found if {
	found := {v.path | some v in rule.violation} with input as {
		"project": {"services": {"a": {"image": image}, "b": {}}},
		"template": {"manifest": {"environments": environments, "unpinned": [{"image": "x/y:1"}]}},
	}
}

test_silent if {
	paths("x/y:1", {"cpu": {}}) == set()
	paths("other", {"cpu": {}, "amd": {}}) == set()
	rule.violation == set() with input as {"project": {"services": {"a": {"image": "x/y:1"}}}}
}

test_pinned if paths("x/y:1@sha256:0", {"cpu": {}}) == {["services", "a", "image"]}

test_unused if {
	paths("x/y:12", {"cpu": {}}) == {["services"]}
}
