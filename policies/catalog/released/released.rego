# METADATA
# title: Released version with other content
# description: >-
#   `releases.json` says that this version was released, and freezing the template
#   gives other bytes. A version that was released never changes. Nothing is said
#   while an image is not pinned.
# custom:
#   severity: error
#   waivable: false
#   subject: reader
#   remediation: >-
#     Give the template a higher version, or take the change back.
package catalog.released
