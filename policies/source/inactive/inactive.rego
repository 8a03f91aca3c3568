# METADATA
# title: Source that is not active
# description: >-
#   The source is inactive, which is for good: it takes no registrations and no
#   tasks.
# custom:
#   severity: warning
#   waivable: false
#   subject: reader
#   remediation: >-
#     Look for the source that took its place.
package source.inactive
