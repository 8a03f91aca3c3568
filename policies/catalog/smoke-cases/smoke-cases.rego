# METADATA
# title: Smoke case that cannot tell anything
# description: >-
#   Smoke cases prove that a template works before anyone pays for it. A case for a function or an environment that is not there is
#   never run; one whose data or expectation contradicts the function's schemas fails whatever the template does.
# related_resources:
# - description: JSON Schema
#   ref: https://json-schema.org/understanding-json-schema/
# custom:
#   severity: error
#   waivable: false
#   subject: template
#   remediation: >-
#     Send data that fits the function's input schema, or expect status 422 for data that does not, and expect nothing that the output
#     schema excludes. Give each case a name of its own.
package catalog["smoke-cases"]

violation contains problem if some problem in input.template.smokeProblems
