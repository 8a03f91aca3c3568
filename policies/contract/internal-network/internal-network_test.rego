package contract["internal-network_test"]

import data.contract["internal-network"] as rule

paths(repository, service) := found if {
	found := {v.path | some v in rule.violation} with input as {
		"project": {"services": {"a": service}, "networks": {"default": {}, "inner": {"internal": true}}},
		"images": {"a": {"registry": "docker.io", "repository": repository}},
	}
}

test_silent if {
	paths("library/redis", {"networks": {"inner": {}}}) == set()
	paths("library/redis", {"network_mode": "none"}) == set()
	paths("library/nginx", {"networks": {"default": {}}, "ports": [{"target": 5555}]}) == set()
	paths("ollama/ollama", {"networks": {"default": {}}}) == set()
}

test_fires if {
	paths("library/redis", {"networks": {"default": {}}}) == {["services", "a", "networks", "default"]}
	paths("library/redis", {"networks": {"inner": {}, "default": {}}}) == {["services", "a", "networks", "default"]}
}
