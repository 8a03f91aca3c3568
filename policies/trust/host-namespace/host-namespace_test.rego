package trust["host-namespace_test"]

import data.trust["host-namespace"] as rule

at(service) := {array.slice(v.path, 2, count(v.path)) | some v in found} if {
	found := rule.violation with input as {"environment": "nvidia", "project": {"services": {"web": service}}}
}

test_host if {
	every key in ["cgroup", "ipc", "network_mode", "pid", "userns_mode", "uts"] {
		at({key: "host"}) == {[key]}
		at({key: "container:other"}) == {[key]}
		at({key: "Unknown"}) == {[key]}
	}
}

test_service_outside_the_stack if {
	at({"network_mode": "service:other"}) == {["network_mode"]}
	at({"uts": "service:web"}) == {["uts"]}
}

test_shared_bridges if {
	at({"network_mode": "bridge"}) == {["network_mode"]}
	at({"network_mode": "other_default"}) == {["network_mode"]}
}

test_within_the_stack if {
	at({"pid": "service:web", "ipc": "service:web", "network_mode": "service:web"}) == set()
	at({"ipc": "shareable", "network_mode": "none", "cgroup": "private", "pid": ""}) == set()
	at({"ipc": "private"}) == set()
	at({"ipc": "none"}) == set()
}
