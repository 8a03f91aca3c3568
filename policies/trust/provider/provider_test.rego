package trust.provider_test

import data.trust.provider as rule

at(service) := {array.slice(v.path, 2, count(v.path)) | some v in found} if {
	found := rule.violation with input as {"environment": "nvidia", "project": {"services": {"web": service}}}
}

test_fires if {
	at({"provider": {"x": "y"}}) == {["provider"]}
	at({"provider": {}}) == {["provider"]}
}

test_silent if at({"image": "x"}) == set()
