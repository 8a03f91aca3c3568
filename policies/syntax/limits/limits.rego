# METADATA
# title: File beyond the limits
# description: >-
#   The file is too large, nests too deep, or grows beyond measure once its
#   aliases and variables are expanded. No template comes near these limits; a
#   file that does is meant to harm whoever reads it.
# custom:
#   severity: error
#   waivable: false
#   subject: reader
#   remediation: >-
#     Make the file smaller, and use fewer aliases and levels.
package syntax.limits
