package contract["fixed-port_test"]

import data.contract["fixed-port"] as rule

messages(port) := found if {
	found := {v.message | some v in rule.violation} with input as {"project": {"services": {"a": {"ports": [{"target": 5555, "published": "${PORT}"}, port]}, "b": {"expose": ["80"]}}}}
}

test_silent if messages({"target": 5555, "published": "5555"}) == set()

test_fixed if messages({"target": 80, "published": "8080"}) == {`service "a" publishes container port 80 on the host's port "8080": only "${PORT}:5555" may be published`}

test_range if messages({"target": 80, "published": "8000-8010"}) == {`service "a" publishes container port 80 on the host's port "8000-8010": only "${PORT}:5555" may be published`}

test_random if {
	random := {`service "a" publishes container port 80 on a random port of the host: only "${PORT}:5555" may be published`}
	messages({"target": 80}) == random
	messages({"target": 80, "published": "0"}) == random
}

test_place if {
	found := {v.path | some v in rule.violation} with input as {"project": {"services": {"a": {"ports": [{"target": 80}]}}}}
	found == {["services", "a", "ports", 0, "published"]}
}
