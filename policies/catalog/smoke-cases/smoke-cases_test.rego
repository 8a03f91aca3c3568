package catalog["smoke-cases_test"]

test_says_what_was_found if {
	problem := {"path": ["smoke", "cases", 0, "name"], "message": "another case has the name \"a\""}
	data.catalog["smoke-cases"].violation == {problem} with input.template.smokeProblems as [problem]
}

test_silent if {
	data.catalog["smoke-cases"].violation == set() with input.template as {}
}
