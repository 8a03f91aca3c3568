# METADATA
# title: README that says too little
# description: >-
#   The README is what a user and a provider read before they trust the template: what it does, what each function takes and
#   returns, what it needs, what can go wrong.
# custom:
#   severity: warning
#   waivable: true
#   subject: template
#   remediation: >-
#     Write README.md with a heading, and a few sentences and an example for each function by its name.
package catalog.readme

readme := input.template.readme

violation contains {"file": "README.md", "path": [], "message": "README.md is missing or empty"} if trim_space(readme) == ""

violation contains {"file": "README.md", "path": [], "message": message} if {
	trim_space(readme) != ""
	some message in problems
}

problems contains "README.md has no heading" if not regex.match(`(?m)^#{1,2} +\S`, readme)

problems contains "README.md is too short to say anything: write at least a paragraph" if count(trim_space(readme)) < 200

problems contains message if {
	some name, _ in input.template.manifest.functions
	not contains(readme, name)
	message := sprintf("README.md does not mention the function %q", [name])
}
