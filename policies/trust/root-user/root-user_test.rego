package trust["root-user_test"]

import data.trust["root-user"] as rule

at(service) := {array.slice(v.path, 2, count(v.path)) | some v in found} if {
	found := rule.violation with input as {"environment": "nvidia", "project": {"services": {"web": service}}}
}

test_fires if {
	at({"image": "x"}) == {["user"]}
	every user in ["", "root", "0", "0:0", "00", "+0", "root:x", ":1000"] {
		at({"user": user}) == {["user"]}
	}
}

test_silent if {
	at({"user": "1000:1000"}) == set()
	at({"user": "app"}) == set()
}
