package trust["no-new-privileges_test"]

import data.trust["no-new-privileges"] as rule

at(service) := {array.slice(v.path, 2, count(v.path)) | some v in found} if {
	found := rule.violation with input as {"environment": "nvidia", "project": {"services": {"web": service}}}
}

test_missing if {
	at({"image": "x"}) == {["security_opt"]}
	at({"security_opt": [{"name": "label", "value": "type:x"}]}) == {["security_opt"]}
}

test_said if {
	at({"security_opt": [{"name": "no-new-privileges", "value": "true"}]}) == set()
	at({"security_opt": [{"name": "no-new-privileges", "value": "false"}]}) == set()
}
