package trust["vendor-switches_test"]

import data.trust["vendor-switches"] as rule

fires(name, value) if {
	found := {v.path | some v in rule.violation} with input.project.services as {"web": {"environment": {name: value}}}
	found == {["services", "web", "environment", name]}
}

test_fires if {
	every name in [
		"AMD_VISIBLE_DEVICES",
		"HABANA_VISIBLE_DEVICES",
		"ASCEND_VISIBLE_DEVICES",
		"ASCEND_RUNTIME_OPTIONS",
		"ASCEND_ALLOW_LINK",
		"ASCEND_VNPU_SPECS",
		"DOCKER_RESOURCE_GPU",
		"DOCKER_RESOURCE_NVIDIA-GPU",
		"MTHREADS_VISIBLE_DEVICES",
		"MTHREADS_DRIVER_CAPABILITIES",
		"CAMBRICON_VISIBLE_DEVICES",
		"CAMBRICON_DRIVER_CAPABILITIES",
		"METAX_VISIBLE_DEVICES",
		"ENFLAME_VISIBLE_DEVICES",
		"ILUVATAR_COREX_VISIBLE_DEVICES",
		"KUNLUN_VISIBLE_DEVICES",
		"GPU_VISIBLE_DEVICES",
		"XILINX_VISIBLE_CARDS",
		"XILINX_DEVICE_EXCLUSIVE",
		"AWS_NEURON_VISIBLE_DEVICES",
		"INTEL_VISIBLE_DEVICES",
		"TOMORROWS_VISIBLE_DEVICES",
	] {
		fires(name, "all")
		fires(name, "")
	}
	found := {v.path | some v in rule.violation} with input.project.services as {"web": {"pre_start": [{"environment": {"AMD_VISIBLE_DEVICES": "0"}}]}}
	found == {["services", "web", "pre_start", 0, "environment", "AMD_VISIBLE_DEVICES"]}
}

test_silent if {
	every name in ["CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "ASCEND_RT_VISIBLE_DEVICES", "GGML_VK_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES", "VISIBLE_DEVICES_NOTE", "UI_VISIBLE_COLUMNS", "DOCKER_TAG"] {
		not fires(name, "all")
	}
	not fires("AMD_VISIBLE_DEVICES", "none")
	not fires("AMD_VISIBLE_DEVICES", "void")
}
