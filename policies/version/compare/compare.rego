# METADATA
# title: Version that cannot be compared
# description: >-
#   The template has changed and cannot be read or frozen as it is, so that nobody
#   can tell which version the change asks for. It is checked with --changed-since.
# custom:
#   severity: error
#   waivable: false
#   subject: reader
#   remediation: >-
#     Correct what the message names, and lint again.
package version.compare
