package trust.develop_test

import data.trust.develop as rule

at(service) := {array.slice(v.path, 2, count(v.path)) | some v in found} if {
	found := rule.violation with input as {"environment": "nvidia", "project": {"services": {"web": service}}}
}

test_fires if {
	at({"develop": {"x": "y"}}) == {["develop"]}
	at({"develop": {}}) == {["develop"]}
}

test_silent if at({"image": "x"}) == set()
