# METADATA
# title: Obsolete version
# description: >-
#   Compose has ignored the top-level `version` since its second version, and warns about it at each start.
# related_resources:
# - description: Compose Specification, version
#   ref: https://docs.docker.com/reference/compose-file/version-and-name/
# custom:
#   severity: notice
#   waivable: true
#   subject: compose
#   keys:
#   - version
#   remediation: Remove the top-level `version`.
package contract["version-key"]

violation contains {"path": ["version"], "message": "the top-level \"version\" is obsolete and means nothing"} if {
	some entry in input.keys
	entry.key == "version"
}
