# METADATA
# title: Function whose schema or example is wrong
# description: >-
#   Clients write tasks from a function's schema and start from its example. A schema that is not valid, or an example that does not
#   fit it, makes tasks that fail. A schema must be whole: one that refers to others can change, and cannot be checked alone.
# related_resources:
# - description: JSON Schema
#   ref: https://json-schema.org/understanding-json-schema/
# custom:
#   severity: error
#   waivable: false
#   subject: template
#   remediation: >-
#     Write valid JSON Schemas without `$ref`, and an example that fits them.
package catalog["function-schemas"]

violation contains problem if some problem in input.template.schemaProblems
