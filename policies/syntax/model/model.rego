# METADATA
# title: Compose refuses the file
# description: >-
#   The file is well formed and yet makes no stack: it names a network or volume
#   that is not defined, its services depend on each other in a circle, or a port,
#   a size or an image cannot be read.
# custom:
#   severity: error
#   waivable: false
#   subject: reader
#   remediation: >-
#     Follow the message: it is what Compose itself says.
package syntax.model
