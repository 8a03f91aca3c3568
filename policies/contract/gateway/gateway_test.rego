package contract.gateway_test

import data.contract.gateway as rule

hosts := {"host.docker.internal": ["host-gateway"]}

paths(service) := found if {
	found := {v.path | some v in rule.violation} with input as {"project": {
		"services": {"a": object.union({"ports": [{"target": 5555}]}, service)},
		"networks": {"default": {}, "inner": {"internal": true}, "open": {"internal": false}},
	}}
}

test_silent if {
	paths({"extra_hosts": hosts, "networks": {"default": {}}}) == set()
	paths({"extra_hosts": hosts, "networks": {"inner": {}, "open": {}}}) == set()
	paths({"extra_hosts": hosts, "network_mode": "bridge"}) == set()
	paths({"ports": []}) == set()
}

test_unknown_host if {
	paths({}) == {["services", "a", "extra_hosts", "host.docker.internal"]}
	paths({"extra_hosts": {"host.docker.internal": ["172.17.0.1"]}}) == {["services", "a", "extra_hosts", "host.docker.internal"]}
}

test_no_network if {
	paths({"network_mode": "none"}) == {["services", "a", "network_mode"]}
	paths({"network_mode": "host"}) == {["services", "a", "network_mode"]}
	paths({"network_mode": "service:b"}) == {["services", "a", "network_mode"]}
	paths({"network_mode": "container:b"}) == {["services", "a", "network_mode"]}
}

test_internal_only if paths({"extra_hosts": hosts, "networks": {"inner": {}}}) == {["services", "a", "networks"]}
