# METADATA
# title: Key that nobody has decided on
# description: >-
#   Every key of the Compose Specification is either allowed in a template or
#   judged by a rule; policies/data/keys.yaml says which. A key that is in
#   neither group is new. It is refused until somebody has looked at what it
#   does to the provider's host.
# related_resources:
# - description: Compose Specification
#   ref: https://docs.docker.com/reference/compose-file/
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   remediation: Remove the key, or decide on it in policies/data/keys.yaml with the reason.
package trust["undecided-key"]

violation contains {"path": entry.path, "message": message} if {
	some key, _ in input.used
	not data.tables.keys[key]
	some entry in input.keys
	entry.key == key
	message := sprintf("the key %q is neither allowed in a template nor judged by a rule", [entry.key])
}
