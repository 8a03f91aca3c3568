package catalog.readme_test

import data.catalog.readme as rule

messages(readme) := found if {
	found := {v.message | some v in rule.violation} with input as {"template": {"readme": readme, "manifest": {"functions": {"draw": {}}}}}
}

good := concat("\n", ["# Title", "", "`draw` draws. ", sprintf("%200d", [1]), "."])

test_silent if messages(good) == set()

test_missing if {
	messages("") == {"README.md is missing or empty"}
	messages(" \n") == {"README.md is missing or empty"}
}

test_says_too_little if {
	messages("draw") == {"README.md has no heading", "README.md is too short to say anything: write at least a paragraph"}
	messages(replace(good, "draw", "paint")) == {"README.md does not mention the function \"draw\""}
}

test_place if {
	found := {[v.file, v.path] | some v in rule.violation} with input as {"template": {"readme": ""}}
	found == {["README.md", []]}
}
