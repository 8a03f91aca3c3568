package trust.hooks_test

import data.trust.hooks as rule

at(service) := {array.slice(v.path, 2, count(v.path)) | some v in found} if {
	found := rule.violation with input as {"environment": "nvidia", "project": {"services": {"web": service}}}
}

test_any_hook if {
	every kind in ["pre_start", "post_start", "pre_stop"] {
		at({kind: [{"command": ["x"]}]}) == {[kind]}
	}
}

test_privileges if {
	at({"user": "1000", "post_start": [{"command": ["x"], "user": "1000"}, {"command": ["x"], "user": "root", "privileged": true}]}) == {
		["post_start"],
		["post_start", 1, "user"],
		["post_start", 1, "privileged"],
	}
	at({"pre_start": [{"image": "other", "privileged": false}]}) == {["pre_start"], ["pre_start", 0, "image"]}
}

test_silent if {
	at({"post_start": []}) == set()
	at({"image": "x"}) == set()
}
