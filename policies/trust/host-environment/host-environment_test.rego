package trust["host-environment_test"]

import data.trust["host-environment"] as rule

test_fires_on_bare_keys if {
	{v.path | some v in rule.violation} == {
		["services", "web", "environment", "HF_TOKEN"],
		["services", "web", "environment", "port"],
		["services", "web", "pre_stop", 0, "environment", "HOME"],
	} with input as {"project": {"services": {"web": {
		"environment": {"HF_TOKEN": null, "port": null, "PORT": null},
		"pre_stop": [{"command": ["true"], "environment": {"HOME": null, "CALLBACK_URL": null}}],
	}}}}
}

test_silent if {
	rule.violation == set() with input as {"project": {"services": {
		"web": {"environment": {
			"CALLBACK_URL": null,
			"PORT": null,
			"PROTOCOL_VERSION": null,
			"SOURCE_ADDRESS": null,
			"PROVIDER_ADDRESS": null,
			"HF_HOME": "/cache",
			"EMPTY": "",
		}},
		"other": {},
	}}}
}
