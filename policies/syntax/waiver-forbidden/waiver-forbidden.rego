# METADATA
# title: Waiver of a rule that cannot be waived
# description: >-
#   Rules that protect the provider's host, and those that keep the promise of a
#   version, hold for every template. No reason in a manifest switches one off.
# custom:
#   severity: error
#   waivable: false
#   subject: reader
#   remediation: >-
#     Fix what the rule found, and remove the waiver.
package syntax["waiver-forbidden"]
