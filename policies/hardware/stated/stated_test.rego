package hardware.stated_test

import data.hardware.stated as rule

paths(environments) := found if {
	found := {v.path | some v in rule.violation} with input as {"template": {"manifest": {"environments": environments}}}
}

common := {"ram": 1, "cpus": 1, "disk": 1}

test_silent if {
	nvidia := object.union(common, {"vram": 1, "computeCapability": "7.5", "driver": "525"})
	amd := object.union(common, {"vram": 1, "gfx": ["gfx1100"]})
	paths({"cpu": {"hardware": common}, "nvidia": {"hardware": nvidia}, "amd": {"hardware": amd}}) == set()
}

test_missing if {
	paths({"cpu": {}}) == {["environments", "cpu", "hardware", field] | some field in ["ram", "cpus", "disk"]}
	paths({"nvidia": {"hardware": common}}) == {["environments", "nvidia", "hardware", field] | some field in ["vram", "computeCapability", "driver"]}
	paths({"amd": {"hardware": object.union(common, {"vram": 1, "gfx": []})}}) == {["environments", "amd", "hardware", "gfx"]}
}

test_too_much if {
	paths({"cpu": {"hardware": object.union(common, {"vram": 1})}}) == {["environments", "cpu", "hardware", "vram"]}
	amd := object.union(common, {"vram": 1, "gfx": ["gfx1100"], "driver": "525"})
	paths({"amd": {"hardware": amd}}) == {["environments", "amd", "hardware", "driver"]}
}
