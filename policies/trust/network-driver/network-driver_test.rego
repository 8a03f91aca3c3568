package trust["network-driver_test"]

import data.trust["network-driver"] as rule

at(project) := {v.path | some v in found} if {
	found := rule.violation with input as {"environment": "nvidia", "project": project}
}

network(body) := at({"networks": {"n": body}})

test_drivers if {
	every driver in ["macvlan", "ipvlan", "host", "none", "overlay", "weave"] {
		network({"driver": driver}) == {["networks", "n", "driver"]}
	}
}

test_options if {
	network({"driver_opts": {"parent": "eth0", "com.docker.network.driver.mtu": "1400"}}) == {["networks", "n", "driver_opts", "parent"]}
	network({"driver_opts": {"com.docker.network.bridge.name": "docker0"}}) == {["networks", "n", "driver_opts", "com.docker.network.bridge.name"]}
}

test_addresses if {
	network({"ipam": {"driver": "dhcp", "options": {"a": "b"}}}) == {["networks", "n", "ipam", "driver"], ["networks", "n", "ipam", "options", "a"]}
	network({"ipam": {"config": [{"subnet": "10.0.0.0/8", "gateway": "10.0.0.1", "x-note": "x"}]}}) == {
		["networks", "n", "ipam", "config", 0, "subnet"],
		["networks", "n", "ipam", "config", 0, "gateway"],
	}
}

test_endpoints if {
	at({"services": {"web": {"networks": {"n": {"link_local_ips": ["169.254.1.1"], "driver_opts": {"a": "b"}}}}}}) == {
		["services", "web", "networks", "n", "link_local_ips"],
		["services", "web", "networks", "n", "driver_opts"],
	}
}

test_silent if {
	network({}) == set()
	network({"driver": "bridge", "internal": true, "ipam": {"driver": "default"}}) == set()
	network({"ipam": "nonsense"}) == set()
	network({"ipam": {"config": ["nonsense"]}}) == set()
	at({"services": {"web": {"networks": {"n": {"aliases": ["x"]}}}}}) == set()
}
