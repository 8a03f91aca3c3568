package hardware["nvidia-reservation_test"]

import data.hardware["nvidia-reservation"] as rule

paths(environment, services) := found if {
	found := {v.path | some v in rule.violation} with input as {"environment": environment, "project": {"services": services}}
}

reserve(request) := {"deploy": {"resources": {"reservations": {"devices": [request]}}}}

at(service, key) := ["services", service, "deploy", "resources", "reservations", "devices", 0, key]

test_silent_when_supported if {
	paths("nvidia", {"a": reserve({"driver": "nvidia", "count": 1, "capabilities": ["gpu"]}), "b": {}}) == set()
	paths("nvidia", {"a": reserve({"driver": "cdi", "device_ids": ["nvidia.com/gpu=0"], "capabilities": ["gpu"]})}) == set()
	paths("nvidia", {"a": {"gpus": [{"count": 1}], "runtime": "nvidia"}}) == set()
}

test_rests_in_other_environments if {
	paths("cpu", {"a": {}}) == set()
	paths("amd", {"a": {"runtime": "nvidia"}}) == set()
}

test_nobody_asks if paths("nvidia", {"a": {}}) == {["services"]}

test_detours if {
	services := {"a": {"runtime": "nvidia", "environment": {"NVIDIA_VISIBLE_DEVICES": "all"}, "devices": [{"source": "/dev/nvidia0"}]}}
	paths("nvidia", services) == {["services", "a", "runtime"], ["services", "a", "environment", "NVIDIA_VISIBLE_DEVICES"], ["services", "a", "devices", 0]}
}

test_broken_requests if {
	paths("nvidia", {"a": reserve({"driver": "nvidia", "count": 1, "capabilities": ["compute"]})}) == {at("a", "capabilities")}
	paths("nvidia", {"a": reserve({"driver": "nvidia", "count": 1})}) == {at("a", "capabilities")}
	paths("nvidia", {"a": reserve({"count": 1, "capabilities": ["gpu"]})}) == {at("a", "driver")}
	paths("nvidia", {"a": reserve({"driver": "amd", "capabilities": ["gpu"]})}) == {at("a", "driver")}
	paths("nvidia", {"a": reserve({"driver": "cdi", "device_ids": ["amd.com/gpu=0"], "capabilities": ["gpu"]})}) == {at("a", "device_ids")}
	paths("nvidia", {"a": {"gpus": [{"driver": "amd"}]}}) == {["services", "a", "gpus", 0, "driver"]}
}
