package trust["install-at-start_test"]

import data.trust["install-at-start"] as rule

fires(text) if {
	found := {v.path | some v in rule.violation} with input as {"project": {"services": {"web": {"command": ["sh", "-c", text]}}}}
	found == {["services", "web", "command"]}
}

test_fires if {
	every text in [
		"pip install transformers && python main.py",
		"pip3 install --no-cache-dir -r requirements.txt",
		"python -m pip install -U torch",
		"uv pip install torch",
		"uvx some-tool",
		"apt-get update && apt-get install -y curl",
		"apt-get -y install curl",
		"/sbin/apk add curl",
		"npm ci; node main.js",
		"npx some-server",
		"git clone https://x.example/y",
		"git -C /app pull",
		"go run x.example/y@latest",
		"conda install -y faiss",
		"p\"ip\" install x",
	] {
		fires(text)
	}
}

test_fires_in_configs_and_hooks if {
	{v.path | some v in rule.violation} == {["services", "web", "pre_start", 0, "command"], ["configs", "run", "content"]} with input as {"project": {
		"services": {"web": {"pre_start": [{"command": ["apk", "add", "curl"]}]}},
		"configs": {"run": {"content": "#!/bin/sh\nset -e\npip install x\n"}},
	}}
}

test_silent if {
	every text in [
		"python main.py",
		"npm start",
		"pip list",
		"ollama pull qwen2.5:3b",
		"vllm serve Qwen/Qwen3-8B",
		"serve --install-dir /x",
		"go tool",
	] {
		not fires(text)
	}
}
