# METADATA
# title: Change that asks for a minor version
# description: >-
#   Something is added, and all that there was stays: an environment, a parameter, a
#   function, an optional field. Compared with the version on the base, the second
#   number has to rise; before 1.0.0 it is the third. It is checked with
#   --changed-since.
# custom:
#   severity: error
#   waivable: false
#   subject: reader
#   remediation: >-
#     Give the template the version that the message names, or take the change back.
# related_resources:
#   - ref: https://semver.org/
#     description: Semantic Versioning 2.0.0
package version.minor
