# METADATA
# title: No keywords
# description: >-
#   Keywords are how people find a template whose name they do not know.
# custom:
#   severity: notice
#   waivable: true
#   subject: template
#   remediation: Add a few `keywords`, such as the task, the model and the framework.
package catalog.keywords

violation contains {"path": ["keywords"], "message": "the template has no keywords"} if {
	count(object.get(input, ["template", "manifest", "keywords"], [])) == 0
}
