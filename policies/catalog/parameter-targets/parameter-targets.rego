# METADATA
# title: Parameter that does not fit the compose file
# description: >-
#   A parameter's value goes into the compose file of every environment. Where its target is not there, setting the parameter
#   changes nothing; where another value stands than the default, the manifest says something that does not run.
# custom:
#   severity: error
#   waivable: true
#   subject: compose
#   remediation: >-
#     Write the parameter's default at each of its targets in each compose file, or correct the targets. `ogpu-tpl render`
#     without `--set` prints the file as it should be.
package catalog["parameter-targets"]

violation contains {"path": ["services", target.service], "message": message} if {
	some name, parameter in input.template.manifest.parameters
	some target in parameter.targets
	not input.project.services[target.service]
	message := sprintf("the parameter %q goes to service %q, which is not here", [name, target.service])
}

violation contains {"path": ["services", target.service, "environment", target.variable], "message": message} if {
	some name, parameter in input.template.manifest.parameters
	some target in parameter.targets
	service := input.project.services[target.service]
	text := object.get(service, ["environment", target.variable], null)
	problem := wrong(text, target, parameter)
	message := sprintf("the parameter %q goes to %q of service %q, %s", [name, target.variable, target.service, problem])
}

wrong(null, _, _) := "which has no value here"

wrong(text, target, parameter) := problem if {
	is_string(text)
	not target.key
	expected := written(parameter.default)
	unescaped(text) != expected
	problem := sprintf("which is %q here and not the default %q", [text, expected])
}

wrong(text, target, _) := "which is no JSON object here" if {
	target.key
	is_string(text)
	not holds_object(unescaped(text))
}

wrong(text, target, parameter) := problem if {
	target.key
	holds_object(unescaped(text))
	object.get(json.unmarshal(unescaped(text)), target.key, null) != parameter.default
	problem := sprintf("whose member %q is not the default here", [target.key])
}

holds_object(text) if {
	json.is_valid(text)
	is_object(json.unmarshal(text))
}

# What the file writes as $$ is one $ to the service.
unescaped(text) := replace(text, "$$", "$")

written(value) := value if is_string(value)

written(value) := json.marshal(value) if not is_string(value)
