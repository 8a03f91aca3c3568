# METADATA
# title: Waiver that accepts nothing
# description: >-
#   No finding is accepted by this waiver. Left in place, it would hide the next
#   one.
# custom:
#   severity: warning
#   waivable: false
#   subject: reader
#   remediation: >-
#     Remove the waiver.
package syntax["waiver-unused"]
