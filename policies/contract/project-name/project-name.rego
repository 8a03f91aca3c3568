# METADATA
# title: Fixed project name
# description: >-
#   The provider names the stack, so that several sources keep apart. A name in the file makes two stacks one: the second start
#   replaces the first one's containers, and both share networks and volumes.
# related_resources:
# - description: Compose Specification, name
#   ref: https://docs.docker.com/reference/compose-file/version-and-name/
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   keys:
#   - name
#   remediation: Remove the top-level `name`.
package contract["project-name"]

violation contains {"path": ["name"], "message": "the file fixes the project's name: two stacks with one name replace each other"} if {
	some entry in input.keys
	entry.key == "name"
}
