package trust["loader-variables_test"]

import data.trust["loader-variables"] as rule

names(service) := {v.path[count(v.path) - 1] | some v in found} if {
	found := rule.violation with input.project.services as {"web": service}
}

test_fires if {
	names({"environment": {"LD_PRELOAD": "x", "GCONV_PATH": "x", "RUBYOPT": "x"}}) == {"LD_PRELOAD", "GCONV_PATH", "RUBYOPT"}
	names({"pre_start": [{"environment": {"LD_AUDIT": "x"}}]}) == {"LD_AUDIT"}
}

test_silent if {
	names({"environment": {"LDFLAGS": "x", "PATH": "x", "MALLOC_ARENA_MAX": "2", "LD_PRELOAD": null}}) == set()
	names({"gpus": [{"count": 1}], "environment": {"LD_PRELOAD": "x"}}) == set()
}
