package trust["host-names_test"]

import data.trust["host-names"] as rule

fires(name) if {
	found := {v.path | some v in rule.violation} with input.project.services as {"web": {"hostname": name}}
	found == {["services", "web", "hostname"]}
}

test_fires if {
	every name in [
		"api.openai.com",
		"registry-1.docker.io",
		"host.docker.internal",
		"model.local",
		"x.corp",
		"example.com.",
		"localhost",
		"LOCALHOST",
		"wpad",
		"isatap",
		"metadata",
		"instance-data",
		"*.example",
		"a b",
		"a\n127.0.0.1 b",
		"\u0430pi",
		"a\u3002com",
		".",
		"-a",
		"a/b",
		"${PORT}",
	] {
		fires(name)
	}
}

test_fires_in_every_place if {
	found := {v.path | some v in rule.violation} with input.project.services as {
		"web": {
			"networks": {"default": {"aliases": ["model", "api.openai.com"]}},
			"links": ["db", "db:data", "db:api.openai.com"],
		},
		"localhost": {},
	}
	found == {
		["services", "web", "networks", "default", "aliases", 1],
		["services", "web", "links", 2],
		["services", "localhost"],
	}
}

test_silent if {
	every name in ["", "web", "web-1", "my_model", "qwen2.5", "llama3.1-8b", "Model", "a", "v1.0.0", "metadata-store"] {
		not fires(name)
	}
}
