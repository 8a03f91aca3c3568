package trust.miner_test

import data.trust.miner as rule

test_fires_on_marks_everywhere if {
	{v.path | some v in rule.violation} == {
		["services", "a", "image"],
		["services", "a", "command", 1],
		["services", "a", "environment", "POOL"],
		["services", "a", "labels", "note"],
		["configs", "c", "content"],
	} with input as {
		"project": {
			"services": {"a": {
				"image": "someone/XMRig:6",
				"command": ["run", "Stratum+TCP://pool.example:3333"],
				"environment": {"POOL": "xmr.2Miners.com:2222", "OTHER": "x"},
				"labels": {"note": "supportxmr.com"},
			}},
			"configs": {"c": {"content": "{\"algo\": \"RandomX\"}"}},
		},
		"images": {"a": {"registry": "docker.io", "repository": "someone/xmrig", "tag": "6"}},
	}
}

test_fires_on_programs if {
	{v.message | some v in rule.violation} == {
		`service "a" runs the miner "t-rex"`,
		`service "b" runs the miner "gminer"`,
		`service "c" uses the image of a miner, "someone/rigel:1"`,
	} with input as {
		"project": {"services": {
			"a": {"entrypoint": ["/opt/T-Rex", "-a", "x"]},
			"b": {"command": ["sh", "-c", "sleep 5; ./gminer --algo x"]},
			"c": {"image": "someone/rigel:1"},
		}},
		"images": {"c": {"registry": "docker.io", "repository": "someone/rigel", "tag": "1"}},
	}
}

test_silent if {
	rule.violation == set() with input as {
		"project": {"services": {"a": {
			"image": "ollama/ollama:latest",
			"command": ["serve", "--prompt", "a t-rexlike dinosaur"],
			"environment": {"STYLE": "t-rex", "MODEL": "rigel"},
		}}},
		"images": {"a": {"registry": "docker.io", "repository": "ollama/ollama", "tag": "latest"}},
	}
}
