package trust["remote-code_test"]

import data.trust["remote-code"] as rule

set_to(name, value) := found if {
	found := {v.path | some v in rule.violation} with input as {"project": {"services": {"web": {"environment": {name: value}}}}}
}

runs(words) := found if {
	found := {v.path | some v in rule.violation} with input as {"project": {"services": {"web": {"command": words}}}}
}

test_fires_on_settings if {
	every pair in [
		["PIPE_ARGS_STR", `{"task": "x", "trust_remote_code": true}`],
		["PIPE_ARGS_STR", `{'task': 'x', 'trust_remote_code': True}`],
		["PIPE_ARGS_STR", `{"trust_remote_code": 1}`],
		["ARGS", "--trust-remote-code --port 8000"],
		["TRUST_REMOTE_CODE", "true"],
		["VLLM_TRUST_REMOTE_CODE", "1"],
		["hf-trust-remote-code", "yes"],
		["PIPE_ARGS_STR", `{"custom_pipeline": "a/b"}`],
	] {
		set_to(pair[0], pair[1]) == {["services", "web", "environment", pair[0]]}
	}
}

test_fires_on_commands if {
	every words in [
		["--model", "a/b", "--trust-remote-code"],
		["--trust-remote-code", "--port", "8000"],
		["--trust_remote_code=True"],
		["python", "-c", "pipeline(model='a/b', trust_remote_code = True)"],
		["sh", "-c", "vllm serve a/b --trust-remote-code"],
	] {
		runs(words) == {["services", "web", "command"]}
	}
}

test_fires_on_configs if {
	{v.path | some v in rule.violation} == {["configs", "vllm", "content"]} with input as {"project": {"services": {}, "configs": {"vllm": {"content": "model: a/b\ntrust-remote-code: true\n"}}}}
}

test_silent if {
	every pair in [
		["PIPE_ARGS_STR", `{"task": "x", "trust_remote_code": false}`],
		["PIPE_ARGS_STR", `{'trust_remote_code': False}`],
		["TRUST_REMOTE_CODE", "0"],
		["TRUST_REMOTE_CODE", ""],
		["ARGS", "--no-trust-remote-code"],
		["PIPE_ARGS_STR", `{"custom_pipeline": null}`],
		["REMOTE_HOST", "x"],
	] {
		set_to(pair[0], pair[1]) == set()
	}
	runs(["serve", "--trust-remote-code=false"]) == set()
}
