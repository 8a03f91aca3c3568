# METADATA
# title: Description that says nothing
# description: >-
#   The description goes on the chain's side of the catalog, where providers decide whether to register. One that repeats the
#   title, or was never written, tells them nothing.
# custom:
#   severity: warning
#   waivable: true
#   subject: template
#   remediation: Say in one or two sentences what a task does, with which model, and on what.
package catalog.description

violation contains {"path": ["description"], "message": message} if {
	description := trim_space(input.template.manifest.description)
	message := problem(description)
}

problem(description) := "the description only repeats the title" if {
	lower(trim_right(description, ".")) in {lower(input.template.manifest.title), input.template.manifest.name}
} else := "the description is a placeholder" if {
	some word in ["todo", "tbd", "fixme", "lorem ipsum", "changeme"]
	contains(lower(description), word)
} else := "the description is too short to say anything" if {
	count(description) < 30
}
