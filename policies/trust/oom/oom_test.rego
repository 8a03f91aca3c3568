package trust.oom_test

import data.trust.oom as rule

at(service) := {array.slice(v.path, 2, count(v.path)) | some v in found} if {
	found := rule.violation with input as {"environment": "nvidia", "project": {"services": {"web": service}}}
}

test_fires if {
	at({"oom_kill_disable": true}) == {["oom_kill_disable"]}
	at({"oom_score_adj": -1}) == {["oom_score_adj"]}
}

test_silent if {
	at({"oom_kill_disable": false, "oom_score_adj": 0}) == set()
	at({"oom_score_adj": 500}) == set()
	at({"image": "x"}) == set()
}
