package catalog["secret-parameter_test"]

import data.catalog["secret-parameter"] as rule

fires(name, variable) if {
	found := {v.path | some v in rule.violation} with input as {"template": {"manifest": {"parameters": {name: {"targets": [{"variable": variable}]}}}}}
	found == {["parameters", name]}
}

test_fires if {
	every name in ["password", "db-passwd", "api-key", "apiKey", "hub-token", "token", "hubToken", "clientSecret", "private_key"] {
		fires(name, "V")
	}
	fires("login", "HF_TOKEN")
	fires("login", "CLIENT_PRIVATE_KEY")
}

test_silent if {
	every name in ["max-tokens", "token-limit", "tokens", "model", "key", "pattern", "keyboard", "author"] {
		not fires(name, "MAX_TOKENS")
	}
}
