# METADATA
# title: Link whose content can change
# description: >-
#   What a link leads to can change after a provider registered, without a
#   transaction and without a trace: a branch, a tag or a short hash in the URL of
#   a Git host, a name of IPNS, or a plain URL. Only two things hold content in
#   place: the CID of an IPFS link at a gateway that is known, if the bytes fit it,
#   and the full hash of a commit at a Git host that is known for not letting
#   branches be called so. Both are trusted by their names. A gateway that nobody
#   knows can give the right bytes to whoever checks, and others to somebody else.
# related_resources:
# - description: IPFS documentation, content identifiers
#   ref: https://docs.ipfs.tech/concepts/content-addressing/
# - description: GitHub documentation, getting permanent links to files
#   ref: https://docs.github.com/en/repositories/working-with-files/using-files/getting-permanent-links-to-files
# custom:
#   severity: error
#   waivable: false
#   subject: reader
#   remediation: >-
#     Publish the file on IPFS and name it at a gateway that is known, or name a
#     commit by its 40 hex digits: `ogpu-tpl freeze --host` does both. As a provider, expect that what you run is not
#     what you have seen.
package source["mutable-link"]
