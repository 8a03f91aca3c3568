package trust["read-only-root_test"]

import data.trust["read-only-root"] as rule

at(service) := {array.slice(v.path, 2, count(v.path)) | some v in found} if {
	found := rule.violation with input as {"environment": "nvidia", "project": {"services": {"web": service}}}
}

test_fires if {
	at({"image": "x"}) == {["read_only"]}
	at({"read_only": false}) == {["read_only"]}
}

test_silent if at({"read_only": true}) == set()
