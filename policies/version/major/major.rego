# METADATA
# title: Change that asks for a major version
# description: >-
#   Providers or users would notice: something that they rely on is gone, more is
#   needed, or a service gets more of the host. Compared with the version on the
#   base, the first number has to rise; before 1.0.0 it is the second. It is checked
#   with --changed-since.
# custom:
#   severity: error
#   waivable: false
#   subject: reader
#   remediation: >-
#     Give the template the version that the message names, or take the change back.
# related_resources:
#   - ref: https://semver.org/
#     description: Semantic Versioning 2.0.0
package version.major
