# METADATA
# title: File beyond the limits
# description: >-
#   The file is too large, nests too deep, or grows beyond measure once its
#   aliases and variables are expanded, or takes longer to read and judge than any
#   file within the limits. No template comes near these limits; a file that does
#   is meant to harm whoever reads it. What took too long has not been judged.
# custom:
#   severity: error
#   waivable: false
#   subject: reader
#   remediation: >-
#     Make the file smaller, and use fewer aliases and levels.
package syntax.limits
