# METADATA
# title: Note of releases that cannot be read
# description: >-
#   `releases.json` names the digest of each version of a template that was released.
#   Who cannot read it cannot tell a released version from a new one, so that nothing
#   is frozen.
# custom:
#   severity: error
#   waivable: false
#   subject: reader
#   remediation: >-
#     Publishing writes the file: take back what was changed by hand.
package syntax.releases
