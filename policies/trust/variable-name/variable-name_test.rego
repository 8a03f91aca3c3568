package trust["variable-name_test"]

import data.trust["variable-name"] as rule

fires(name) if {
	found := {v.path | some v in rule.violation} with input.project.services as {"web": {"environment": {name: "x"}}}
	found == {["services", "web", "environment", name]}
}

test_fires if {
	every name in [
		"LD_PRELOAD=/x",
		"=",
		"=x",
		"",
		" ",
		" LD_PRELOAD",
		"A B",
		"A\tB",
		"A\n",
		"1A",
		"-A",
		".A",
		"A\u0000",
		"\u0410MD_VISIBLE_DEVICES",
		"LD\uff3fPRELOAD",
		"A\u200b",
		"A$$B",
		"${PORT}",
		"BASH_FUNC_ls%%",
		"A:B",
	] {
		fires(name)
	}
}

test_hooks if {
	found := {v.path | some v in rule.violation} with input.project.services as {"web": {"pre_stop": [{"environment": {"A=B": null, "A": "B"}}]}}
	found == {["services", "web", "pre_stop", 0, "environment", "A=B"]}
}

test_silent if {
	every name in ["A", "_", "a1", "PATH", "xpack.security.enabled", "discovery.type", "my-name", "A__B"] {
		not fires(name)
	}
}
