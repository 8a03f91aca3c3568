package trust["pickle-weights_test"]

import data.trust["pickle-weights"] as rule

set_to(name, value) := found if {
	found := {v.path | some v in rule.violation} with input as {"project": {"services": {"web": {"environment": {name: value}}}}}
}

runs(words) := found if {
	found := {v.path | some v in rule.violation} with input as {"project": {"services": {"web": {"command": words}}}}
}

test_fires_on_files if {
	every value in [
		"/models/x.pt",
		"https://x.example/y/model.ckpt?download=true",
		`{"model": "a/b", "weights": "Pytorch_Model.BIN"}`,
	] {
		set_to("WEIGHTS", value) == {["services", "web", "environment", "WEIGHTS"]}
	}
	runs(["serve", "--model=/models/x.pth"]) == {["services", "web", "command"]}
	runs(["sh", "-c", "serve 'x.pkl'"]) == {["services", "web", "command"]}
}

test_fires_on_switches if {
	set_to("PIPE_ARGS_STR", `{"use_safetensors": false}`) == {["services", "web", "environment", "PIPE_ARGS_STR"]}
	set_to("ARGS", "--load-format pt") == {["services", "web", "environment", "ARGS"]}
	set_to("LOAD_FORMAT", "pt") == {["services", "web", "environment", "LOAD_FORMAT"]}
	set_to("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1") == {["services", "web", "environment", "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD"]}
	runs(["--load-format=pt"]) == {["services", "web", "command"]}
	runs(["python", "-c", "torch.load('x', weights_only=False)"]) == {["services", "web", "command"]}
}

test_silent if {
	set_to("PATH", "/usr/local/bin:/bin") == set()
	set_to("MODEL", "/models/x.safetensors") == set()
	set_to("MODEL", "/models/ggml-base.bin") == set()
	set_to("PIPE_ARGS_STR", `{"use_safetensors": 1}`) == set()
	set_to("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "0") == set()
	runs(["serve", "--load-format", "safetensors", "--port", "5555"]) == set()
}
