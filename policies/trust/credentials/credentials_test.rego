package trust.credentials_test

import data.trust.credentials as rule

fires(name, value) if {
	found := {v.path | some v in rule.violation} with input as {"project": {"services": {"web": {"environment": {name: value}}}}}
	found == {["services", "web", "environment", name]}
}

test_fires_on_names if {
	every name in ["HF_TOKEN", "hf-token", "OPENAI_API_KEY", "POSTGRES_PASSWORD", "AWS_SECRET_ACCESS_KEY", "ApiToken", "CLIENT_PRIVATE_KEY", "DB_PASS"] {
		fires(name, "correct horse")
	}
}

test_fires_on_shapes if {
	every value in [
		concat("", ["hf_", "abcdefghijklmnopqrstuvwxyzABCDEFGH"]),
		concat("", ["ghp_", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJ"]),
		concat("", ["AKIA", "ABCDEFGHIJKLMNOP"]),
		concat("", ["sk-proj-", "abcdefghijklmnopqrstuvwx"]),
		concat("", ["xoxb-", "123456789012-abcdef"]),
		"-----BEGIN RSA PRIVATE KEY-----\nabc",
		"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc",
		"postgresql://app:s3cret@db:5432/app",
		"redis://:s3cret@cache",
	] {
		fires("SOMETHING", value)
	}
}

test_fires_in_every_place if {
	{v.path | some v in rule.violation} == {
		["services", "web", "command"],
		["services", "web", "entrypoint"],
		["services", "web", "labels", "api.token"],
		["services", "web", "build", "args", "NPM_TOKEN"],
		["services", "web", "logging", "options", "splunk-token"],
		["services", "web", "pre_stop", 0, "environment", "DB_PASSWORD"],
		["services", "web", "environment", "SETTINGS"],
		["configs", "c", "content"],
	} with input as {"project": {
		"services": {"web": {
			"entrypoint": ["sh", "-c", "export HF_TOKEN=abc; serve"],
			"command": ["serve", "--api-key", "abc"],
			"labels": {"api.token": "abc"},
			"build": {"args": {"NPM_TOKEN": "abc"}},
			"logging": {"options": {"splunk-token": "abc"}},
			"pre_stop": [{"environment": {"DB_PASSWORD": "abc"}}],
			"environment": {"SETTINGS": `{"api_key": "abc"}`},
		}},
		"configs": {"c": {"content": "user: app\npassword: abc\n"}},
	}}
}

test_message_keeps_the_secret if {
	messages := {v.message | some v in rule.violation} with input as {"project": {"services": {"web": {"environment": {"DB_PASSWORD": "s3cret"}}}}}
	messages == {`service "web" holds a credential in "DB_PASSWORD"`}
}

test_silent if {
	every pair in [
		["HF_TOKEN", ""],
		["OPENAI_API_KEY", "EMPTY"],
		["OPENAI_API_KEY", "not-needed"],
		["API_KEY", "${PORT}"],
		["DB_PASSWORD", "$(cat /run/secrets/db)"],
		["DB_PASSWORD_FILE", "/run/secrets/db"],
		["GOOGLE_APPLICATION_CREDENTIALS", "/etc/key.json"],
		["EOS_TOKEN", "</s>"],
		["MAX_TOKENS", "512"],
		["TOKENIZER", "gpt2"],
		["HF_HUB_DISABLE_IMPLICIT_TOKEN", "1"],
		["CALLBACK_URL", "${CALLBACK_URL}"],
		["OLLAMA_HOST", "http://ollama:11434"],
		["PIPE_ARGS_STR", `{"task": "text-generation", "model": "gpt2", "revision": "607a30d783dfa663caf39e06633721c8d4cfcd7e"}`],
		["URL", "http://host.docker.internal:20000/a@b"],
	] {
		not fires(pair[0], pair[1])
	}
	rule.violation == set() with input as {"project": {"services": {"web": {"command": ["serve", "--max-tokens=5", "--api-key", "EMPTY", "--token", "--port", "5555"]}}}}
}
