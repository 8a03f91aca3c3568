# METADATA
# title: Does not fit the Compose Specification
# description: >-
#   A key is unknown to the Compose Specification, or its value has the wrong
#   type. Compose refuses the file. A misspelt key also switches off what was
#   meant by it.
# custom:
#   severity: error
#   waivable: false
#   subject: reader
#   remediation: >-
#     Correct the key or its value. Notes of your own start with `x-`.
package syntax.schema
