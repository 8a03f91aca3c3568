# METADATA
# title: Waiver of a rule that does not exist
# description: >-
#   The waiver names no rule, so that it accepts nothing. Most often the rule is
#   misspelt or was renamed.
# custom:
#   severity: error
#   waivable: false
#   subject: reader
#   remediation: >-
#     Name the rule by its id, such as `trust/root-user`, or remove the waiver.
package syntax["waiver-unknown"]
