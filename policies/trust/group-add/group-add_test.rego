package trust["group-add_test"]

import data.trust["group-add"] as rule

at(environment, service) := {array.slice(v.path, 2, count(v.path)) | some v in found} if {
	found := rule.violation with input as {"environment": environment, "project": {"services": {"web": service}}}
}

test_fires if {
	at("amd", {"group_add": ["video", "0", "docker", "44", "render"]}) == {["group_add", 1], ["group_add", 2], ["group_add", 3]}
	at("nvidia", {"group_add": ["video"]}) == {["group_add", 0]}
}

test_silent if {
	at("amd", {"group_add": ["video", "render"]}) == set()
	at("cpu", {"image": "x"}) == set()
}
