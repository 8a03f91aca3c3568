package catalog.functions_test

import data.catalog.functions as rule

paths(function) := found if {
	found := {v.path | some v in rule.violation} with input as {"template": {"manifest": {"functions": {"f": function}}}}
}

text := {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}

test_silent if {
	paths({"input": text, "output": {"type": "string"}, "example": {"input": {"text": "a", "more": 1}, "output": "b"}}) == set()
	paths({"input": {"$ref": "#/$defs/x"}, "output": {"type": "object", "additionalProperties": {"type": "string"}}}) == set()
	rule.violation == set() with input as {"subject": "compose"}
}

test_no_function if {
	found := {v.path | some v in rule.violation} with input as {"template": {"manifest": {"functions": {}}}}
	found == {["functions"]}
}

test_describes_nothing if {
	paths({"input": {}, "output": {"type": "object"}}) == {["functions", "f", "input"], ["functions", "f", "output"]}
	paths({"output": {"type": "object", "properties": {}}}) == {["functions", "f", "input"], ["functions", "f", "output"]}
}

test_example_lacks_a_member if paths({"input": text, "output": text, "example": {"input": {}, "output": {"text": "b"}}}) == {["functions", "f", "example", "input"]}

test_hostile_schemas if {
	paths({"input": {"required": 5, "type": ["object"]}, "output": "text"}) == {["functions", "f", "output"]}
	paths({"input": {"properties": 5}, "output": {"const": null, "required": [["a"]]}, "example": {"output": {}}}) == {["functions", "f", "example", "output"]}
	paths({"input": text, "output": text, "example": {"input": "a", "output": null}}) == set()
}
