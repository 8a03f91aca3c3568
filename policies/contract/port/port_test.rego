package contract.port_test

import data.contract.port as rule

good := {"target": 5555, "published": "${PORT}", "protocol": "tcp", "mode": "ingress"}

paths(ports) := found if {
	found := {v.path | some v in rule.violation} with input as {"project": {"services": {"a": {"ports": ports}}}}
}

at(key) := ["services", "a", "ports", 0, key]

test_silent if {
	paths([good]) == set()
	paths([good, {"target": 8080, "published": "8080"}]) == set()
	paths([object.union(good, {"host_ip": ""})]) == set()
	rule.violation == set() with input as {"subject": "template"}
}

test_nobody if {
	paths([]) == {["services"]}
	paths([{"target": 8080, "published": "8080"}]) == {["services"]}
}

test_wrong_ends if {
	paths([object.union(good, {"target": 8000})]) == {at("target")}
	paths([object.union(good, {"published": "5555"})]) == {at("published")}
	paths([object.union(good, {"published": "1${PORT}"})]) == {at("published")}
	paths([{"target": 5555}]) == {at("published")}
}

test_address if {
	paths([object.union(good, {"host_ip": "127.0.0.1"})]) == {at("host_ip")}
	paths([object.union(good, {"host_ip": "0.0.0.0"})]) == {at("host_ip")}
}

test_protocol if paths([object.union(good, {"protocol": "udp"})]) == {at("protocol")}

test_twice if {
	paths([good, good]) == {["services", "a", "ports", 0], ["services", "a", "ports", 1]}
	found := {v.path | some v in rule.violation} with input as {"project": {"services": {"a": {"ports": [good]}, "b": {"ports": [good]}}}}
	found == {["services", "a", "ports", 0], ["services", "b", "ports", 0]}
}
