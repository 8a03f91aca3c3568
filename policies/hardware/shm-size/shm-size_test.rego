package hardware["shm-size_test"]

import data.hardware["shm-size"] as rule

paths(repository, service) := found if {
	found := {v.path | some v in rule.violation} with input as {"project": {"services": {"a": service}}, "images": {"a": {"registry": "docker.io", "repository": repository}}}
		with data.tables.image_traits as {"docker.io/torch": {"shm": true}, "docker.io/ollama": {"shm": false}}
}

here := {["services", "a", "shm_size"]}

test_missing if {
	paths("torch", {}) == here
	paths("torch", {"shm_size": 0}) == here
	paths("other", {"gpus": [{"count": 1}]}) == here
	paths("other", {"devices": [{"source": "/dev/kfd"}]}) == here
}

test_silent if {
	paths("other", {}) == set()
	paths("ollama", {"gpus": [{"count": 1}]}) == set()
	paths("torch", {"shm_size": 5, "mem_limit": 5}) == set()
	paths("torch", {"tmpfs": ["/dev/shm/:size=1g"]}) == set()
	paths("torch", {"volumes": [{"type": "tmpfs", "target": "/dev/shm", "tmpfs": {"size": 1}}]}) == set()
	paths("torch", {"ipc": "service:b"}) == set()
}

test_within_the_memory if {
	paths("other", {"shm_size": 6, "mem_limit": 5}) == here
	paths("other", {"volumes": [{"type": "tmpfs", "target": "/dev/shm", "tmpfs": {"size": 6}}], "mem_limit": 5}) == {["services", "a", "volumes", 0]}
}
