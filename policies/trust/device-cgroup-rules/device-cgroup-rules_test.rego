package trust["device-cgroup-rules_test"]

import data.trust["device-cgroup-rules"] as rule

at(service) := {array.slice(v.path, 2, count(v.path)) | some v in found} if {
	found := rule.violation with input as {"environment": "nvidia", "project": {"services": {"web": service}}}
}

test_fires if at({"device_cgroup_rules": ["b 8:* rwm", "c 1:1 r"]}) == {["device_cgroup_rules", 0], ["device_cgroup_rules", 1]}

test_silent if at({"device_cgroup_rules": []}) == set()
