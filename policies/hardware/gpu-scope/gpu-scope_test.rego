package hardware["gpu-scope_test"]

import data.hardware["gpu-scope"] as rule

images := {
	"redis": {"registry": "docker.io", "repository": "library/redis", "reference": "redis"},
	"tei": {"registry": "ghcr.io", "repository": "x/tei", "tag": "cpu-1.8", "reference": "ghcr.io/x/tei:cpu-1.8"},
	"gcpu": {"registry": "ghcr.io", "repository": "x/y", "tag": "gcpu", "reference": "ghcr.io/x/y:gcpu"},
	"worker": {"registry": "ghcr.io", "repository": "x/worker", "reference": "ghcr.io/x/worker"},
}

paths(environment, services) := found if {
	found := {v.path | some v in rule.violation} with input as {"environment": environment, "images": images, "project": {"services": services}}
		with data.tables.image_traits as {"docker.io/library/redis": {"gpu": false}}
}

test_silent_for_workers if {
	paths("nvidia", {"worker": {"gpus": [{"count": 1}]}, "gcpu": {"gpus": [{"count": 1}]}, "redis": {}}) == set()
	paths("cpu", {"redis": {"gpus": [{"count": 1}]}}) == set()
}

test_known_image if {
	paths("nvidia", {"redis": {"gpus": [{"count": 1}]}}) == {["services", "redis", "gpus", 0]}
	paths("nvidia", {"redis": {"runtime": "nvidia"}}) == {["services", "redis", "runtime"]}
	paths("amd", {"redis": {"devices": [{"source": "/dev/kfd"}]}}) == {["services", "redis", "devices", 0]}
}

test_tag_says_cpu if paths("nvidia", {"tei": {"gpus": [{"count": 1}]}}) == {["services", "tei", "gpus", 0]}
