# METADATA
# title: Source that calls itself a template
# description: >-
#   The metadata says which version of which template the source is. Anybody can
#   write that: it counts only when the source's client is the one that
#   publishers.yaml names for the network, and when the digests agree.
# custom:
#   severity: notice
#   waivable: false
#   subject: reader
#   remediation: >-
#     `ogpu-tpl verify ADDRESS` recomputes the digests and compares them with the
#     catalog.
package source.claim
