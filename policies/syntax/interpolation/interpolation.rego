# METADATA
# title: Variable that cannot be read
# description: >-
#   A `$` starts a variable that is malformed, or one that is required and that
#   the provider does not set. Compose refuses the file.
# custom:
#   severity: error
#   waivable: false
#   subject: reader
#   remediation: >-
#     Write `$$` for a dollar sign, and `${NAME}` for a variable of the protocol.
package syntax.interpolation
