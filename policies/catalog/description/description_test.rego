package catalog.description_test

import data.catalog.description as rule

fires(description) if {
	found := {v.path | some v in rule.violation} with input as {"template": {"manifest": {"name": "x", "title": "Text to image with a very long title", "description": description}}}
	found == {["description"]}
}

test_silent if {
	not fires("Draws a picture from a description in words.")
	rule.violation == set() with input as {"template": {"manifest": {}}}
}

test_fires if {
	fires("text to image with a very long title.")
	fires("TODO: say in some sentences what this template does")
	fires("Draws a picture.")
	fires("  ")
}
