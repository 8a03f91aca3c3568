package trust.isolation_test

import data.trust.isolation as rule

at(service) := {array.slice(v.path, 2, count(v.path)) | some v in found} if {
	found := rule.violation with input as {"environment": "nvidia", "project": {"services": {"web": service}}}
}

test_fires if at({"isolation": "process"}) == {["isolation"]}

test_silent if {
	at({"isolation": "default"}) == set()
	at({"image": "x"}) == set()
}
