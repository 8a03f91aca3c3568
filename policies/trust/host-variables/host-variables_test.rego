package trust["host-variables_test"]

import data.trust["host-variables"] as rule

fires(name) if {
	found := {v.path | some v in rule.violation} with input.project.services as {"web": {"environment": {name: "x"}}}
	found == {["services", "web", "environment", name]}
}

test_fires if {
	every name in [
		"VIRTUAL_HOST",
		"VIRTUAL_HOST_MULTIPORTS",
		"VIRTUAL_PORT",
		"VIRTUAL_WHATEVER",
		"LETSENCRYPT_HOST",
		"LETSENCRYPT_EMAIL",
		"ACME_POSTHOOK",
		"CERT_NAME",
		"HTTPS_METHOD",
		"NETWORK_ACCESS",
		"SERVICE_NAME",
		"SERVICE_ID",
		"SERVICE_TAGS",
		"SERVICE_IGNORE",
		"SERVICE_CHECK_SCRIPT",
		"SERVICE_80_NAME",
		"SERVICE_5555_CHECK_HTTP",
		"HOSTNAMES",
		"DOMAIN_NAME",
		"DNSDOCK_ALIAS",
		"INTERLOCK_DATA",
		"LOGSPOUT",
		"LOGSPOUT_CLOUDWATCHLOGS_GROUP",
	] {
		fires(name)
	}
}

test_hooks if {
	found := {v.path | some v in rule.violation} with input.project.services as {"web": {"post_start": [{"environment": {"VIRTUAL_HOST": "x"}}]}}
	found == {["services", "web", "post_start", 0, "environment", "VIRTUAL_HOST"]}
}

test_silent if {
	every name in ["VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT", "HOSTNAME", "OTEL_SERVICE_NAME", "SERVICE_URL", "SERVICE_PORT", "SERVICE_HOST", "MY_SERVICE_NAME", "virtual_host", "LOG_LEVEL", "LOGSPOUTS"] {
		not fires(name)
	}
}
