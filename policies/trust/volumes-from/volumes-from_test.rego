package trust["volumes-from_test"]

import data.trust["volumes-from"] as rule

at(service) := {array.slice(v.path, 2, count(v.path)) | some v in found} if {
	found := rule.violation with input as {"environment": "nvidia", "project": {"services": {"web": service}}}
}

test_fires if at({"volumes_from": ["container:other:rw", "web"]}) == {["volumes_from", 0], ["volumes_from", 1]}

test_silent if at({"volumes": []}) == set()
