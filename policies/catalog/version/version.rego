# METADATA
# title: Not a version that can be published
# description: >-
#   Versions are compared, and a published one never changes. Build metadata does not take part in the comparison, so that two
#   contents could claim one place in the order; 0.0.0 says that nobody has decided on a version.
# related_resources:
# - description: Semantic Versioning 2.0.0
#   ref: https://semver.org/
# custom:
#   severity: error
#   waivable: false
#   subject: template
#   remediation: Write `version` as MAJOR.MINOR.PATCH, from 0.0.1 on, with at most a pre-release such as -rc.1 behind it.
package catalog.version

violation contains {"path": ["version"], "message": message} if {
	version := input.template.manifest.version
	not semantic(version)
	message := sprintf("the version %q is no semantic version without build metadata", [version])
}

violation contains {"path": ["version"], "message": "the version 0.0.0 says nothing: the first is 0.0.1 or 0.1.0"} if {
	startswith(input.template.manifest.version, "0.0.0")
}

semantic(version) if {
	regex.match(`^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(-(0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)(\.(0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*))*)?$`, version)
}
