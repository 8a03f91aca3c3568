# METADATA
# title: Include or extends beyond the template
# description: >-
#   An include or extends is fetched from a network, leads out of the template's
#   folder, through `..`, an absolute path or a symbolic link, or names a file
#   that is not there. What is checked is only what lies in the folder, and
#   nothing else is ever opened.
# custom:
#   severity: error
#   waivable: false
#   subject: reader
#   remediation: >-
#     Put the file into the template's folder and name it by a relative path.
package syntax.include
