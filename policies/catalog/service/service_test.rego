package catalog.service_test

import data.catalog.service as rule

places(manifest, files) := found if {
	found := {place(v) | some v in rule.violation} with input as {"template": {"manifest": manifest, "files": files}}
}

place(v) := v.file if v.file

place(v) := v.path if not v.file

dockerfile := {"path": "service/Dockerfile", "kind": "service", "size": 1}

test_silent if {
	places({"service": {"image": "a:1"}}, [dockerfile]) == set()
	places({}, [{"path": "README.md", "kind": "file", "size": 1}]) == set()
	rule.violation == set() with input as {"subject": "compose"}
}

test_nothing_to_build if {
	places({"service": {"image": "a:1"}}, []) == {["service"]}
	places({"service": {"image": "a:1"}}, [object.union(dockerfile, {"kind": "symlink"})]) == {["service"]}
	places({"service": {}}, [object.union(dockerfile, {"path": "service/main.go"})]) == {["service"]}
}

test_nobody_builds_it if {
	places({}, [dockerfile, {"path": "service/main.go", "kind": "service", "size": 1}]) == {"service/Dockerfile"}
}
