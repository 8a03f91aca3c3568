# METADATA
# title: Terms that look wrong
# description: >-
#   A parameter of the source has a value that no published template has: a
#   payment of nothing, tasks that expire at once, a delivery method that nobody
#   knows, privacy that nothing provides, or the link that is reserved.
# custom:
#   severity: warning
#   waivable: false
#   subject: reader
#   remediation: >-
#     Ask the source's client what is meant before you register.
package source.terms
