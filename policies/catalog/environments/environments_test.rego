package catalog.environments_test

import data.catalog.environments as rule

places(environments, paths) := found if {
	files := [{"path": path, "kind": "file", "size": 1} | some path in paths]
	found := {place(v) | some v in rule.violation} with input as {"template": {"manifest": {"environments": environments}, "files": files}}
}

place(v) := v.file if v.file

place(v) := v.path if not v.file

test_silent if {
	places({"cpu": {}}, ["template.yaml", "README.md", "compose/cpu.yml", "compose/parts/base.yml", "service/app.yaml"]) == set()
}

test_service_folder if {
	files := [{"path": "compose/cpu.yml", "kind": "file"}, {"path": "service/compose.yml", "kind": "service"}]
	found := {place(v) | some v in rule.violation} with input as {"template": {"manifest": {"environments": {"cpu": {}}}, "files": files}}
	found == set()
}

test_rests_without_a_template if rule.violation == set() with input as {"subject": "compose"}

test_none if places({}, []) == {["environments"]}

test_missing_file if {
	places({"cpu": {}, "amd": {}}, ["compose/cpu.yml"]) == {["environments", "amd"]}
	places({"cpu": {}}, ["compose/cpu.yaml"]) == {["environments", "cpu"], "compose/cpu.yaml"}
}

test_stray_files if {
	places({"cpu": {}}, ["compose/cpu.yml", "compose/amd.yml", "docker-compose.yml", "compose.yaml"]) == {"compose/amd.yml", "docker-compose.yml", "compose.yaml"}
}

test_links if {
	files := [{"path": "compose/cpu.yml", "kind": "symlink"}, {"path": "fifo", "kind": "other"}, {"path": "compose", "kind": "dir"}]
	found := {place(v) | some v in rule.violation} with input as {"template": {"manifest": {"environments": {"cpu": {}}}, "files": files}}
	found == {["environments", "cpu"], "compose/cpu.yml", "fifo"}
}
