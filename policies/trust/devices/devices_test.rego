package trust.devices_test

import data.trust.devices as rule

at(environment, service) := {array.slice(v.path, 2, count(v.path)) | some v in found} if {
	found := rule.violation with input as {"environment": environment, "project": {"services": {"web": service}}}
}

device(environment, source) := at(environment, {"devices": [{"source": source, "target": source, "permissions": "rwm"}]})

request(environment, body) := at(environment, {"gpus": [body]})

test_nodes if {
	every source in ["/dev/sda", "/dev", "/", "/dev/mem", "/dev/dri/card0", "/dev/dri/../sda", "/dev/dri/renderD128/x", ""] {
		device("amd", source) == {["devices", 0, "source"]}
	}
	every source in ["/dev/kfd", "/dev/dri", "/dev/nvidia0", "/dev/nvidiactl", "amd.com/gpu=all", "nvidia.com/net=0"] {
		device("nvidia", source) == {["devices", 0, "source"]}
	}
	device("cpu", "/dev/kfd") == {["devices", 0, "source"]}
	device("cpu", "nvidia.com/gpu=0") == {["devices", 0, "source"]}
}

test_own_nodes if {
	every source in ["/dev/kfd", "/dev/dri", "/dev//dri/", "/dev/dri/renderD128", "amd.com/gpu=0"] {
		device("amd", source) == set()
	}
	device("nvidia", "nvidia.com/gpu=0") == set()
}

test_drivers if {
	request("nvidia", {"driver": "tpu"}) == {["gpus", 0, "driver"]}
	at("nvidia", {"deploy": {"resources": {"reservations": {"devices": [{"driver": "x"}]}}}}) == {["deploy", "resources", "reservations", "devices", 0, "driver"]}
}

test_device_names if {
	request("nvidia", {"driver": "cdi", "device_ids": ["nvidia.com/gpu=0", "amd.com/gpu=0", "0"]}) == {["gpus", 0, "device_ids", 1], ["gpus", 0, "device_ids", 2]}
	request("nvidia", {"driver": "nvidia", "device_ids": ["0", "vendor.com/net=0"]}) == {["gpus", 0, "device_ids", 1]}
	request("amd", {"driver": "cdi", "device_ids": ["nvidia.com/gpu=0"]}) == {["gpus", 0, "device_ids", 0]}
}

test_capabilities if {
	request("nvidia", {"capabilities": ["gpu", "display"]}) == {["gpus", 0, "capabilities", 1]}
}

test_block_devices_and_annotations if {
	at("cpu", {"blkio_config": {"weight": 10, "device_read_bps": [{"path": "/dev/sda", "rate": 1}]}}) == {["blkio_config", "device_read_bps"]}
	at("nvidia", {"annotations": {"cdi.k8s.io/x": "nvidia.com/gpu=all"}}) == {["annotations", "cdi.k8s.io/x"]}
}

test_own_requests if {
	request("nvidia", {"driver": "nvidia", "count": 1, "capabilities": ["gpu", "compute", "utility"]}) == set()
	request("nvidia", {"count": -1}) == set()
	request("nvidia", {"driver": "cdi", "device_ids": ["nvidia.com/gpu=0"], "capabilities": ["gpu"]}) == set()
	at("cpu", {"image": "x"}) == set()
}
