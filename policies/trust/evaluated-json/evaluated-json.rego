# METADATA
# title: Arguments that are run as code
# description: >-
#   Some images evaluate an environment variable as Python: the image of the
#   Hugging Face pipeline does so with PIPE_ARGS_STR. Whatever is not plain data
#   there is code, and JSON's true, false and null break it. The images and
#   variables are kept in policies/data/models.yaml.
# related_resources:
# - description: MITRE ATT&CK, T1059.006 Command and Scripting Interpreter, Python
#   ref: https://attack.mitre.org/techniques/T1059/006/
# - description: Python documentation, eval
#   ref: https://docs.python.org/3/library/functions.html#eval
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   remediation: Write one JSON object of strings and numbers, without true, false, null and variables.
package trust["evaluated-json"]

import data.lib.compose
import data.lib.images

violation contains {"path": ["services", image.service, "environment", variable], "message": message} if {
	some image in images.images
	some variable in data.tables.models.evaluated[image.name]
	value := input.project.services[image.service].environment[variable]
	what := problem(value)
	message := sprintf("service %q has %s in %q, which the image evaluates as Python", [image.service, what, variable])
}

problem(value) := "no value" if is_null(value)

problem(value) := what if {
	is_string(value)
	what := fault(value)
}

fault(value) := "a variable" if {
	contains(replace(value, "$$", ""), "${")
} else := unreadable(replace(value, "$$", "$"))

unreadable(text) := "something else than a JSON object" if {
	not is_json_object(text)
} else := "true, false or null" if {
	regex.match(`\b(?:true|false|null)\b`, regex.replace(text, `"(?:[^"\\]|\\.)*"`, ""))
} else := "an escape that Python reads differently" if {
	regex.match(`\\/|\\u[dD][89a-fA-F]`, text)
}

is_json_object(text) if {
	compose.readable(text)
	is_object(json.unmarshal(text))
}
