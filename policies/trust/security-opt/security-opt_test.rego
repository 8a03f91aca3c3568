package trust["security-opt_test"]

import data.trust["security-opt"] as rule

at(service) := {array.slice(v.path, 2, count(v.path)) | some v in found} if {
	found := rule.violation with input as {"environment": "nvidia", "project": {"services": {"web": service}}}
}

test_options_that_weaken if {
	options := [
		{"name": "seccomp", "value": "unconfined"},
		{"name": "apparmor", "value": "unconfined"},
		{"name": "label", "value": "disable"},
		{"name": "systempaths", "value": "unconfined"},
		{"name": "writable-cgroups", "value": "true"},
		{"name": "credentialspec", "value": "file://x.json"},
		{"name": "no-new-privileges", "value": "false"},
		{"name": "no-new-privileges", "value": "0"},
	]
	at({"security_opt": options}) == {["security_opt", i] | some i, _ in options}
}

test_no_new_privileges if {
	at({"security_opt": [{"name": "no-new-privileges", "value": "true"}]}) == set()
	at({"security_opt": [{"name": "no-new-privileges", "value": ""}]}) == set()
	at({"image": "x"}) == set()
}
