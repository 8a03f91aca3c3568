# METADATA
# title: Function whose data is not described
# description: >-
#   Clients write tasks from the function's schema. A schema that accepts everything describes nothing, and an example that leaves
#   out what the schema requires shows a task that the handler refuses.
# related_resources:
# - description: JSON Schema
#   ref: https://json-schema.org/understanding-json-schema/
# custom:
#   severity: error
#   waivable: true
#   subject: template
#   remediation: >-
#     Give the `input` and `output` of each function a `type`, an object its `properties`, and let the example hold all
#     that is required.
package catalog.functions

violation contains {"path": ["functions"], "message": "the template exposes no function"} if {
	input.template.manifest
	count(object.get(input.template.manifest, "functions", {})) == 0
}

violation contains {"path": ["functions", name, side], "message": message} if {
	some name, function in input.template.manifest.functions
	some side in ["input", "output"]
	not says(object.get(function, side, {}))
	message := sprintf("the schema of function %q accepts any %s: it describes nothing", [name, side])
}

violation contains {"path": ["functions", name, "example", side], "message": message} if {
	some name, function in input.template.manifest.functions
	some side in ["input", "output"]
	is_object(function[side])
	some member in function[side].required
	is_object(function.example[side])
	not member in object.keys(function.example[side])
	message := sprintf("the example of function %q lacks %q, which its %s requires", [name, member, side])
}

# An object says something by its members; anything else by its type, or by
# being made of other schemas.
says(schema) if {
	schema.type != "object"
}

says(schema) if {
	some key in ["properties", "patternProperties", "$ref", "oneOf", "anyOf", "allOf", "enum", "const"]
	not schema[key] in {"", {}, []}
}

says(schema) if is_object(schema.additionalProperties)
