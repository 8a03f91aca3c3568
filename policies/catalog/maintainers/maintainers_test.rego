package catalog.maintainers_test

import data.catalog.maintainers as rule

fires(manifest) if {
	found := {v.path | some v in rule.violation} with input as {"template": {"manifest": manifest}}
	found == {["maintainers"]}
}

test_silent if {
	not fires({"maintainers": [{"name": "A"}, {"name": "B", "github": "b"}]})
	not fires({"maintainers": [{"name": "A", "email": "a@example.com"}]})
	rule.violation == set() with input as {"subject": "compose"}
}

test_fires if {
	fires({})
	fires({"maintainers": [{"name": "A"}]})
}
