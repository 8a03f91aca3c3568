package trust["model-revision_test"]

import data.trust["model-revision"] as rule

commit := "607a30d783dfa663caf39e06633721c8d4cfcd7e"

set_to(environment) := found if {
	found := {v.path | some v in rule.violation} with input as {"project": {"services": {"web": {"environment": environment}}}}
}

runs(words) := found if {
	found := {v.path | some v in rule.violation} with input as {"project": {"services": {"web": {"command": words}}}}
}

test_fires_on_json if {
	every value in [
		`{"task": "vqa", "model": "dandelin/vilt-b32-finetuned-vqa"}`,
		`{"task": "text-generation", "model": "gpt2"}`,
		`{"task": "x", "model": "a/b", "revision": "main"}`,
		`{"task": "x", "model": "a/b", "revision": "607a30d"}`,
		`{'task': 'x', 'model': 'a/b', 'torch_dtype': None}`,
		`{'task': 'x', 'model': 'a/b', 'f': f()}`,
		`[{"model": "a/b"}]`,
		`{"model_id": "a/b"}`,
	] {
		set_to({"PIPE_ARGS_STR": value}) == {["services", "web", "environment", "PIPE_ARGS_STR"]}
	}
}

test_fires_on_variables if {
	set_to({"MODEL_ID": "BAAI/bge-small-en"}) == {["services", "web", "environment", "MODEL_ID"]}
	set_to({"MODEL_ID": "BAAI/bge-small-en", "REVISION": "main"}) == {["services", "web", "environment", "MODEL_ID"]}
	set_to({"MODEL_ID": "BAAI/bge-small-en", "REVISION": null}) == {["services", "web", "environment", "MODEL_ID"]}
	set_to({"X": `{"model": "a/b", "revision": 5}`}) == {["services", "web", "environment", "X"]}
	set_to({"MODEL": "hf.co/a/b:Q4_K_M"}) == {["services", "web", "environment", "MODEL"]}
}

test_fires_on_commands if {
	every words in [
		["--model", "Qwen/Qwen3-8B"],
		["--model=Qwen/Qwen3-8B"],
		["vllm", "serve", "Qwen/Qwen3-8B", "--port", "8000"],
		["sh", "-c", "exec /usr/bin/vllm serve 'Qwen/Qwen3-8B'"],
		["--model-id", "gpt2"],
		["--model-id", "a/b", "--revision", "main"],
		["hf", "download", "a/b"],
		["llama-server", "-hf", "a/b:Q4_K_M"],
		["wget", "https://huggingface.co/a/b/resolve/main/x.gguf"],
	] {
		count(runs(words)) == 1
	}
}

test_fires_on_the_first_argument_of_vllm if {
	{v.path | some v in rule.violation} == {["services", "web", "command"]} with input as {
		"project": {"services": {"web": {"image": "vllm/vllm-openai:v0.10.0", "command": ["Qwen/Qwen3-8B"]}}},
		"images": {"web": {"registry": "docker.io", "repository": "vllm/vllm-openai", "tag": "v0.10.0"}},
	}
}

test_silent_on_settings if {
	every environment in [
		{"PIPE_ARGS_STR": sprintf(`{"task": "x", "model": "a/b", "revision": %q}`, [commit])},
		{"PIPE_ARGS_STR": `{"task": "x", "model": "/models/x"}`},
		{"PIPE_ARGS_STR": `{"task": "x"}`},
		{"OPTIONS": `{"model": "qwen2.5:3b"}`},
		{"MODEL": "qwen2.5:3b"},
		{"MODEL_ID": "/data/model"},
		{"MODEL_ID": "a/b", "REVISION": commit},
		{"NOTE": "{a model}"},
		{"NOTE": "[1, \"model\", {\"model\": 5, \"task\": 1}]"},
	] {
		set_to(environment) == set()
	}
}

test_silent_on_commands if {
	every words in [
		["--model", "/models/x"],
		["--model", "qwen2.5:3b"],
		["--model", "Qwen/Qwen3-8B", "--revision", commit],
		["sh", "-c", concat(" ", ["vllm serve Qwen/Qwen3-8B --revision", commit])],
		["--model-id=a/b", concat("=", ["--revision", commit])],
		["wget", concat("", ["https://huggingface.co/a/b/resolve/", commit, "/x.gguf"])],
		["serve"],
	] {
		runs(words) == set()
	}
}
