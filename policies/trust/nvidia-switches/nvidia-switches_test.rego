package trust["nvidia-switches_test"]

import data.trust["nvidia-switches"] as rule

names(environment) := {v.path[3] | some v in found} if {
	found := rule.violation with input.project.services as {"web": {"environment": environment}}
}

test_fires if {
	names({
		"NVIDIA_DRIVER_CAPABILITIES": "all",
		"NVIDIA_VISIBLE_DEVICES": "all",
		"NVIDIA_MOFED": "enabled",
		"NVIDIA_GDS": null,
		"NVIDIA_IMEX_CHANNELS": "0",
	}) == {"NVIDIA_DRIVER_CAPABILITIES", "NVIDIA_VISIBLE_DEVICES", "NVIDIA_MOFED", "NVIDIA_GDS", "NVIDIA_IMEX_CHANNELS"}
	names({"NVIDIA_DRIVER_CAPABILITIES": "compute,graphics"}) == {"NVIDIA_DRIVER_CAPABILITIES"}
	names({"NVIDIA_DRIVER_CAPABILITIES": null}) == {"NVIDIA_DRIVER_CAPABILITIES"}
}

test_silent if {
	names({"NVIDIA_DRIVER_CAPABILITIES": "compute, utility", "NVIDIA_REQUIRE_CUDA": "cuda>=12.0", "CUDA_VISIBLE_DEVICES": "0"}) == set()
}
