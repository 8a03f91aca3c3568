# METADATA
# title: No homepage
# description: >-
#   A page with more about the template, its model or its handler lets a provider look deeper than the README. Over plain
#   http anybody on the way could change it.
# custom:
#   severity: warning
#   waivable: true
#   subject: template
#   remediation: Set `homepage` to an https address, such as the repository of the handler.
package catalog.homepage

violation contains {"path": ["homepage"], "message": "the template has no homepage"} if {
	input.template.manifest
	not input.template.manifest.homepage
}

violation contains {"path": ["homepage"], "message": message} if {
	homepage := input.template.manifest.homepage
	not regex.match(`^https://[A-Za-z0-9.-]+\.[A-Za-z]{2,}(:[0-9]+)?(/\S*)?$`, homepage)
	message := sprintf("the homepage %q is no public https address", [homepage])
}
