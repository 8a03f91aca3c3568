# METADATA
# title: Change that asks for a new version
# description: >-
#   What is released would have other bytes under the same version, or its users
#   would read something else. A version that was released never changes. It is
#   checked with --changed-since.
# custom:
#   severity: error
#   waivable: false
#   subject: reader
#   remediation: >-
#     Give the template the version that the message names, or take the change back.
# related_resources:
#   - ref: https://semver.org/
#     description: Semantic Versioning 2.0.0
package version.patch
