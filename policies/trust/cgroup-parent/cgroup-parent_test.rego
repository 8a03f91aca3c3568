package trust["cgroup-parent_test"]

import data.trust["cgroup-parent"] as rule

at(service) := {array.slice(v.path, 2, count(v.path)) | some v in found} if {
	found := rule.violation with input as {"environment": "nvidia", "project": {"services": {"web": service}}}
}

test_fires if at({"cgroup_parent": "/"}) == {["cgroup_parent"]}

test_silent if {
	at({"cgroup_parent": ""}) == set()
	at({"image": "x"}) == set()
}
