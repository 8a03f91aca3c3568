# METADATA
# title: Environments and files do not match
# description: >-
#   Each environment of the manifest has its file compose/<environment>.yml, and each file there its environment: only what is
#   stated is checked and published. A compose file elsewhere in the folder looks like a part of the template and is none.
#   Links and special files are never followed.
# custom:
#   severity: error
#   waivable: false
#   subject: template
#   remediation: >-
#     Add the missing file or environment, and remove stray files. Parts that several files share go into a folder of their
#     own below compose/.
package catalog.environments

environments := object.get(input.template.manifest, "environments", {})

violation contains {"path": ["environments"], "message": "the template supports no environment"} if {
	count(environments) == 0
}

violation contains {"path": ["environments", name], "message": message} if {
	some name, _ in environments
	not file_of(name) in regular
	message := sprintf("the environment %q has no file %s", [name, file_of(name)])
}

regular := {file.path | some file in input.template.files; file.kind == "file"}

file_of(name) := sprintf("compose/%s.yml", [name])

violation contains {"file": file.path, "path": [], "message": message} if {
	some file in input.template.files
	file.kind == "file"
	stem := yaml_name(file.path)
	stray(file.path, stem)
	message := sprintf("the file %q belongs to no environment of the template", [file.path])
}

yaml_name(path) := trim_suffix(path, ".yml") if endswith(path, ".yml")

yaml_name(path) := trim_suffix(path, ".yaml") if endswith(path, ".yaml")

# Folders below compose/ hold shared parts, other folders what a service needs.
stray(path, stem) if {
	startswith(path, "compose/")
	name := trim_prefix(stem, "compose/")
	not contains(name, "/")
	not path in {file_of(environment) | some environment, _ in environments}
}

stray(path, _) if {
	not contains(path, "/")
	path != "template.yaml"
}

violation contains {"file": file.path, "path": [], "message": message} if {
	some file in input.template.files
	not file.kind in {"file", "dir", "service"}
	message := sprintf("%q is a link or a special file: a template holds plain files only", [file.path])
}
