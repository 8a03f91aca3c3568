package catalog["service-image_test"]

import data.catalog["service-image"] as rule

paths(image, built, environments) := found if {
	found := {v.path | some v in rule.violation} with input as {
		"project": {"services": {"a": {"image": image}, "b": {}}},
		"template": {"manifest": {"environments": environments, "service": {"image": built}}},
	}
}

test_silent if {
	paths("x/y:1", "x/y:1", {"cpu": {}}) == set()
	paths("x/y:1@sha256:0", "x/y:1", {"cpu": {}}) == set()
	paths("x/y:1", "x/y:1@sha256:0", {"cpu": {}}) == set()
	paths("other", "x/y:1", {"cpu": {}, "amd": {}}) == set()
	rule.violation == set() with input as {
		"project": {"services": {"a": {"image": "x/y:1"}}},
		"template": {"manifest": {"environments": {"cpu": {}}}},
	}
}

test_unused if {
	paths("x/y:12", "x/y:1", {"cpu": {}}) == {["services"]}
	paths("docker.io/x/y:1", "x/y:1", {"cpu": {}}) == {["services"]}
}
