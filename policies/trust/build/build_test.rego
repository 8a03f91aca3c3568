package trust.build_test

import data.trust.build as rule

at(service) := {array.slice(v.path, 2, count(v.path)) | some v in found} if {
	found := rule.violation with input as {"environment": "nvidia", "project": {"services": {"web": service}}}
}

test_fires if {
	at({"build": {"x": "y"}}) == {["build"]}
	at({"build": {}}) == {["build"]}
}

test_silent if at({"image": "x"}) == set()
