package catalog["function-schemas_test"]

test_says_what_was_found if {
	problem := {"path": ["functions", "f", "input"], "message": "is no JSON Schema"}
	data.catalog["function-schemas"].violation == {problem} with input.template.schemaProblems as [problem]
}

test_silent if {
	data.catalog["function-schemas"].violation == set() with input.template as {}
}
