package trust["api-socket_test"]

import data.trust["api-socket"] as rule

at(service) := {array.slice(v.path, 2, count(v.path)) | some v in found} if {
	found := rule.violation with input as {"environment": "nvidia", "project": {"services": {"web": service}}}
}

test_fires if at({"use_api_socket": true}) == {["use_api_socket"]}

test_silent if at({"use_api_socket": false}) == set()
