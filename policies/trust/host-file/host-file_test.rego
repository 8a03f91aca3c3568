package trust["host-file_test"]

import data.trust["host-file"] as rule

at(project) := {v.path | some v in found} if {
	found := rule.violation with input as {"environment": "nvidia", "project": project}
}

web(service) := at({"services": {"web": service}})

test_services if {
	web({"env_file": [{"path": ".env", "required": false}, {"path": "/etc/x"}]}) == {
		["services", "web", "env_file", 0, "path"],
		["services", "web", "env_file", 1, "path"],
	}
	web({"label_file": ["labels"]}) == {["services", "web", "label_file", 0]}
	web({"credential_spec": {"file": "x.json"}}) == {["services", "web", "credential_spec"]}
}

test_configs_and_secrets if {
	at({"configs": {"c": {"file": "./x"}}}) == {["configs", "c", "file"]}
	at({"secrets": {"s": {"environment": "HOME"}}}) == {["secrets", "s", "environment"]}
	at({"secrets": {"s": {"driver": "vault", "driver_opts": {"a": "b"}}}}) == {["secrets", "s", "driver"], ["secrets", "s", "driver_opts"]}
	at({"configs": {"c": {"content": "x", "template_driver": "golang"}}}) == {["configs", "c", "template_driver"]}
}

test_silent if {
	web({"environment": {"A": "b"}, "env_file": []}) == set()
	at({"configs": {"c": {"content": "x"}}}) == set()
}
