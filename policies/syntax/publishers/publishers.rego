# METADATA
# title: Publishers that cannot be read
# description: >-
#   `publishers.yaml`, beside the folder with the templates, names the account that
#   publishes on each network. While it cannot be read nothing is published, and
#   nobody can tell whose sources are the catalog's.
# custom:
#   severity: error
#   waivable: false
#   subject: reader
#   remediation: >-
#     Correct the file; docs/publish.md and docs/schemas/publishers.schema.json
#     describe it.
package syntax.publishers
