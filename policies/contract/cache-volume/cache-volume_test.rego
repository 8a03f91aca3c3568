package contract["cache-volume_test"]

import data.contract["cache-volume"] as rule

messages(service) := found if {
	found := {v.message | some v in rule.violation} with input as {"project": {"services": {"a": service}}, "images": {"a": {"registry": "docker.io", "repository": "ollama/ollama"}}}
}

volume(type, source, target) := {"volumes": [{"type": type, "source": source, "target": target}]}

missing(place) := {sprintf("service \"a\" downloads to %q, which is not in a named volume", [place])}

test_silent if {
	messages(volume("volume", "cache", "/root/.ollama")) == set()
	messages(volume("volume", "cache", "/root")) == set()
	messages(volume("volume", "cache", "/root/.ollama/models")) == set()
	messages(object.union(volume("volume", "cache", "/models"), {"environment": {"OLLAMA_MODELS": "/models/"}})) == set()
}

test_not_kept if {
	messages({}) == missing("/root/.ollama")
	messages(volume("volume", "", "/root/.ollama")) == missing("/root/.ollama")
	messages(volume("tmpfs", "", "/root/.ollama")) == missing("/root/.ollama")
	messages(volume("volume", "cache", "/root/.ollama2")) == missing("/root/.ollama")
	messages(volume("volume", "cache", "/ro")) == missing("/root/.ollama")
}

test_moved if {
	messages(object.union(volume("volume", "cache", "/root/.ollama"), {"environment": {"OLLAMA_MODELS": "/models"}})) == missing("/models")
	messages({"environment": {"HOME": "/home/app", "OLLAMA_MODELS": null}}) == missing("/home/app/.ollama")
}
