package hardware["image-vendor_test"]

import data.hardware["image-vendor"] as rule

fires(environment, image) if {
	found := {v.path | some v in rule.violation} with input as {"environment": environment, "images": {"a": object.union({"reference": "x"}, image)}}
		with data.tables.image_traits as {"docker.io/ollama/ollama": {"rocm_tag": true}, "docker.io/vllm/vllm-openai": {"vendor": "nvidia"}}
	found == {["services", "a", "image"]}
}

hub(repository, tag) := {"registry": "docker.io", "repository": repository, "tag": tag}

test_rocm_away_from_amd if {
	fires("nvidia", hub("rocm/pytorch", "latest"))
	fires("nvidia", hub("ollama/ollama", "0.9-ROCm"))
	fires("cpu", hub("x/y", "rocm6.2"))
	fires("cpu", hub("x/y", "gfx1100"))
}

test_cuda_in_amd if {
	fires("amd", hub("pytorch/pytorch", "2.6.0-cuda12.6-cudnn9-runtime"))
	fires("amd", hub("x/y", "2.6-cu124"))
	fires("amd", {"registry": "nvcr.io", "repository": "nvidia/pytorch"})
	fires("amd", hub("vllm/vllm-openai", "v0.10.0"))
}

test_rocm_tag_needed if {
	fires("amd", hub("ollama/ollama", "latest"))
	fires("amd", {"registry": "docker.io", "repository": "ollama/ollama"})
}

test_silent if {
	not fires("amd", hub("ollama/ollama", "rocm"))
	not fires("amd", {"registry": "docker.io", "repository": "ollama/ollama", "digest": "sha256:0"})
	not fires("amd", hub("x/microcms", "1"))
	not fires("nvidia", hub("x/microcms", "1"))
	not fires("nvidia", hub("x/y", "cuda12.6"))
	not fires("cpu", hub("x/y", "cuda12.6"))
	not fires("amd", hub("x/y", "cu1234"))
	not fires("nvidia", hub("x/y", "cuda-rocm"))
}
