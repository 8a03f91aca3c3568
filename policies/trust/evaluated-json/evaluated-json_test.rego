package trust["evaluated-json_test"]

import data.trust["evaluated-json"] as rule

problems(repository, value) := found if {
	found := {v.message | some v in rule.violation} with input as {
		"project": {"services": {"web": {"image": "x", "environment": {"PIPE_ARGS_STR": value}}}},
		"images": {"web": {"registry": "docker.io", "repository": repository}},
	}
}

fires(value, what) if {
	problems("opengpunetwork/hfr-client", value) == {sprintf(`service "web" has %s in "PIPE_ARGS_STR", which the image evaluates as Python`, [what])}
}

test_fires if {
	fires("__import__('os').system('id')", "something else than a JSON object")
	fires(`{"task": "x", "model": f()}`, "something else than a JSON object")
	fires(`{'task': 'x'}`, "something else than a JSON object")
	fires(`{"x": 1e999999}`, "something else than a JSON object")
	fires(`["x"]`, "something else than a JSON object")
	fires("", "something else than a JSON object")
	fires(`{"task": "x", "use_fast": true}`, "true, false or null")
	fires(`{"task": null}`, "true, false or null")
	fires(`{"task": "a\/b"}`, "an escape that Python reads differently")
	fires(`{"task": "${PORT}"}`, "a variable")
	fires(null, "no value")
}

test_silent if {
	problems("opengpunetwork/hfr-client", `{"task": "is it true? null \" false", "top_k": 5, "cost": "$$5"}`) == set()
	problems("someone/else", "f()") == set()
	rule.violation == set() with input as {"project": {"services": {"web": {"image": "opengpunetwork/hfr-client"}}}}
}
