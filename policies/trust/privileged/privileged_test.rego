package trust.privileged_test

import data.trust.privileged as rule

at(service) := {array.slice(v.path, 2, count(v.path)) | some v in found} if {
	found := rule.violation with input as {"environment": "nvidia", "project": {"services": {"web": service}}}
}

test_privileged if at({"privileged": true}) == {["privileged"]}

test_not_privileged if {
	at({"privileged": false}) == set()
	at({"image": "x"}) == set()
}
