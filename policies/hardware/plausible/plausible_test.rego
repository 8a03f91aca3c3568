package hardware.plausible_test

import data.hardware.plausible as rule

fields(hardware) := found if {
	found := {array.slice(v.path, 3, 9) | some v in rule.violation} with input as {"template": {"manifest": {"environments": {"nvidia": {"hardware": hardware}}}}}
}

test_silent if {
	fields({"ram": 17179869184, "vram": 8589934592, "disk": 21474836480, "cpus": 4, "computeCapability": "7.5", "driver": "525.60.13"}) == set()
	fields({"gfx": ["gfx1100", "gfx90a"], "driver": "550"}) == set()
	fields({}) == set()
}

test_bounds if {
	fields({"ram": 16, "vram": 24, "disk": 0, "cpus": 0}) == {["ram"], ["vram"], ["disk"], ["cpus"]}
	fields({"ram": 1000000000000000, "cpus": 4000}) == {["ram"], ["cpus"]}
}

test_forms if {
	fields({"computeCapability": "75"}) == {["computeCapability"]}
	fields({"computeCapability": "8.4"}) == {["computeCapability"]}
	fields({"driver": ">=525"}) == {["driver"]}
	fields({"driver": "12.4"}) == {["driver"]}
	fields({"gfx": ["gfx1100", "rdna3"]}) == {["gfx", 1]}
}

test_driver_older_than_the_gpu if {
	fields({"computeCapability": "12.0", "driver": "550.54"}) == {["driver"]}
	fields({"computeCapability": "9.0", "driver": "525"}) == set()
}
