package trust["model-tag_test"]

import data.trust["model-tag"] as rule

test_fires if {
	rule.violation == {
		{"path": ["services", "web", "environment", "OLLAMA_MODEL"], "message": `service "web" pulls the model "qwen2.5:3b" by a tag, which can move`},
		{"path": ["services", "web", "command"], "message": `service "web" pulls the model "llama3" by a tag, which can move`},
	} with input as {"project": {"services": {"web": {
		"environment": {"OLLAMA_MODEL": "qwen2.5:3b"},
		"command": ["sh", "-c", "ollama serve & sleep 1; /bin/ollama pull llama3; wait"],
	}}}}
}

test_silent if {
	rule.violation == set() with input as {"project": {"services": {"web": {
		"environment": {"OLLAMA_MODELS": "/models", "OLLAMA_HOST": "http://ollama:11434"},
		"command": ["ollama", "serve"],
	}}}}
}
