package trust["cap-drop_test"]

import data.trust["cap-drop"] as rule

at(service) := {array.slice(v.path, 2, count(v.path)) | some v in found} if {
	found := rule.violation with input as {"environment": "nvidia", "project": {"services": {"web": service}}}
}

test_kept if {
	at({"image": "x"}) == {["cap_drop"]}
	at({"cap_drop": ["NET_RAW"]}) == {["cap_drop"]}
}

test_dropped if {
	at({"cap_drop": ["ALL"]}) == set()
	at({"cap_drop": ["ALL"], "cap_add": ["CHOWN"]}) == set()
}
