# METADATA
# title: Version lower than before
# description: >-
#   Versions only rise: who has a version knows that a lower one is older. It is
#   checked with --changed-since.
# custom:
#   severity: error
#   waivable: false
#   subject: reader
#   remediation: >-
#     Give the template the version that the message names. A template that goes back
#     to what it was gets a higher version too.
# related_resources:
#   - ref: https://semver.org/
#     description: Semantic Versioning 2.0.0
package version.lower
