# METADATA
# title: Name and folder differ
# description: >-
#   A template is found by its folder and published under its name. When the two differ, commands, waivers and the published
#   versions speak of different things.
# custom:
#   severity: error
#   waivable: false
#   subject: template
#   remediation: Rename the folder, or set `name` to the folder's name.
package catalog.name

violation contains {"path": ["name"], "message": message} if {
	name := input.template.manifest.name
	name != input.template.name
	message := sprintf("the template calls itself %q, but its folder is %q", [name, input.template.name])
}
