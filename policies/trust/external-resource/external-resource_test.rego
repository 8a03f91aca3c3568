package trust["external-resource_test"]

import data.trust["external-resource"] as rule

at(project) := {v.path | some v in found} if {
	found := rule.violation with input as {"environment": "nvidia", "project": project}
}

test_external if {
	every section in ["volumes", "networks", "configs", "secrets"] {
		at({section: {"x": {"external": true, "name": "y"}}}) == {[section, "x", "external"]}
	}
}

test_fixed_names if {
	at({"volumes": {"x": {"name": "y"}}}) == {["volumes", "x", "name"]}
	at({"networks": {"default": {"name": "y", "external": false}}}) == {["networks", "default", "name"]}
}

test_external_links if {
	at({"services": {"web": {"external_links": ["db:db"]}}}) == {["services", "web", "external_links", 0]}
}

test_own if {
	at({"volumes": {"x": {}}, "networks": {"n": {"external": false}}, "secrets": {"s": {"content": "x"}}}) == set()
	at({"configs": {"c": {"name": "y", "content": "x"}}}) == set()
}
