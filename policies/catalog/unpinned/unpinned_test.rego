package catalog.unpinned_test

import data.catalog.unpinned as rule

paths(images) := found if {
	unpinned := [{"image": image} | some image in images]
	found := {v.path | some v in rule.violation} with input as {"template": {"manifest": {"unpinned": unpinned}}}
}

test_silent if {
	paths(["a:1", "b:1"]) == set()
	rule.violation == set() with input as {"template": {"manifest": {}}}
}

test_fires if {
	paths(["a:1@sha256:0", "b"]) == {["unpinned", 0, "image"]}
	paths(["a:1", "b", "a:1"]) == {["unpinned", 2, "image"]}
}
