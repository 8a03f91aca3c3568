package contract["fixed-address_test"]

import data.contract["fixed-address"] as rule

paths(project) := found if {
	found := {v.path | some v in rule.violation} with input as {"project": project}
}

test_silent if {
	paths({"services": {"a": {"networks": {"x": {"aliases": ["y"]}}}}, "networks": {"x": {"ipam": {"config": []}}}}) == set()
	paths({"networks": {"x": {"ipam": {"driver": "default"}}}}) == set()
}

test_services if {
	at := ["services", "a", "networks", "x"]
	membership := {"ipv4_address": "10.0.0.2", "ipv6_address": "fd00::2", "link_local_ips": ["169.254.0.9"], "mac_address": "02:42:ac:11:00:02"}
	paths({"services": {"a": {"mac_address": "02:42:ac:11:00:02", "networks": {"x": membership}}}}) == {
		["services", "a", "mac_address"],
		array.concat(at, ["ipv4_address"]),
		array.concat(at, ["ipv6_address"]),
		array.concat(at, ["link_local_ips"]),
		array.concat(at, ["mac_address"]),
	}
}

test_networks if {
	network := {"ipam": {"config": [{"subnet": "10.0.0.0/24"}]}, "driver_opts": {"com.docker.network.bridge.name": "br0"}}
	paths({"networks": {"x": network}}) == {["networks", "x", "ipam", "config", 0], ["networks", "x", "driver_opts", "com.docker.network.bridge.name"]}
}
