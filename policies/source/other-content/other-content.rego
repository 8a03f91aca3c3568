# METADATA
# title: Bytes that do not fit their link
# description: >-
#   The CID in an IPFS link is not that of the bytes that came: the gateway serves
#   something else than what the link names.
# related_resources:
# - description: IPFS documentation, content identifiers
#   ref: https://docs.ipfs.tech/concepts/content-addressing/
# custom:
#   severity: error
#   waivable: false
#   subject: reader
#   remediation: >-
#     Do not run what came. Ask another gateway for the CID, and tell whoever runs
#     this one.
package source["other-content"]
