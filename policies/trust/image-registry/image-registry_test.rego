package trust["image-registry_test"]

import data.trust["image-registry"] as rule

fires(registry, repository) if {
	found := {v.path | some v in rule.violation} with input as {
		"project": {"services": {"web": {"image": "some:tag"}}},
		"images": {"web": {"registry": registry, "repository": repository}},
	}
	found == {["services", "web", "image"]}
}

test_fires_outside_the_list if {
	fires("docker.io", "evil/ollama")
	fires("docker.io", "opengpunetworkx/hfr-client")
	fires("docker.io", "ollama/other")
	fires("docker.io", "pytorch")
	fires("ghcr.io", "someone/huggingface")
	fires("evil.example:5000", "library/python")
	fires("localhost:5000", "x")
	fires("nvcr.io", "nvidia-evil/cuda")
}

test_fires_on_what_cannot_be_read if {
	{v.path | some v in rule.violation} == {["services", "web", "image"]} with input as {"project": {"services": {"web": {"image": "::"}}}}
}

test_fires_on_images_of_hooks_and_volumes if {
	{v.path | some v in rule.violation} == {
		["services", "web", "pre_start", 0, "image"],
		["services", "web", "pre_start", 1, "image"],
		["services", "web", "volumes", 0, "source"],
	} with input as {"project": {"services": {"web": {
		"pre_start": [{"image": "evil/x:1"}, {"image": "quay.io/x"}, {"image": "python:3"}, {"image": "index.docker.io/library/python:3"}],
		"volumes": [{"type": "image", "source": "evil.example:5000/library/x"}, {"type": "image", "source": "docker.io/python"}],
	}}}}
}

test_silent_on_the_list if {
	every place in [
		["docker.io", "library/python"],
		["docker.io", "opengpunetwork/hfr-client"],
		["docker.io", "ollama/ollama"],
		["docker.io", "pytorch/pytorch"],
		["docker.io", "vllm/vllm-openai"],
		["docker.io", "rocm/vllm"],
		["ghcr.io", "huggingface/text-embeddings-inference"],
		["nvcr.io", "nvidia/k8s/cuda-sample"],
	] {
		not fires(place[0], place[1])
	}
}

test_entries_are_short_enough_to_be_found if {
	every place, _ in data.tables.registries {
		rule.listed(place)
	}
}
