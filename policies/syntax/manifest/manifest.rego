# METADATA
# title: Manifest does not fit its schema
# description: >-
#   `template.yaml` lacks something that publishing needs, or holds a key or value
#   that nobody understands. Editors show the same problems through the
#   `yaml-language-server` line.
# custom:
#   severity: error
#   waivable: false
#   subject: reader
#   remediation: >-
#     Correct the manifest; docs/schemas/template.schema.json describes it.
package syntax.manifest
