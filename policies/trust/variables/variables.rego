# METADATA
# title: Variable that the protocol does not set
# description: >-
#   A provider sets PORT and CALLBACK_URL, and may set PROTOCOL_VERSION,
#   SOURCE_ADDRESS and PROVIDER_ADDRESS. Any other variable is empty there, or is
#   something of the provider's own shell that a template must not see. One of
#   the five in the wrong place makes what runs depend on the provider. Which
#   variable may stand where is kept in policies/data/variables.yaml.
# related_resources:
# - description: Compose Specification, interpolation
#   ref: https://docs.docker.com/reference/compose-file/interpolation/
# - description: MITRE ATT&CK for Containers, T1552 Unsecured Credentials
#   ref: https://attack.mitre.org/techniques/T1552/
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   remediation: Write the value out. Use `${PORT}` in `ports` and the five variables of the protocol in `environment` alone.
package trust.variables

import data.tables.variables as table

violation contains object.union({"path": variable.path, "message": message}, place) if {
	some variable in input.variables
	not table.images[variable.key]
	message := problem(variable)
	place := object.filter(variable, ["position"])
}

problem(variable) := message if {
	not table.names[variable.name]
	message := sprintf("the variable %q is not one that providers set: they set %s", [variable.name, concat(", ", object.keys(table.names))])
}

problem(variable) := message if {
	table.names[variable.name]
	not placed(variable)
	message := sprintf("the variable %q must not stand here as %q", [variable.name, written(variable)])
}

problem(variable) := message if {
	table.names[variable.name].always == false
	placed(variable)
	variable.operator in {":?", "?"}
	message := sprintf("the variable %q is required here, but not every provider sets it", [variable.name])
}

# What stands in for a variable that is not set is not judged elsewhere.
problem(variable) := message if {
	table.names[variable.name]
	placed(variable)
	variable.operator in {":-", "-"}
	not regex.match(`^[0-9]*$`, object.get(variable, "default", ""))
	message := sprintf("the variable %q has the default %q: only a number or nothing may stand in for it", [variable.name, variable["default"]])
}

placed(variable) if table.places[variable.key][variable.name][variable.operator]

placed(variable) if table.places[variable.key]["*"][variable.operator]

written(variable) := sprintf("${%s}", [variable.name]) if variable.operator == ""

written(variable) := sprintf("${%s%s…}", [variable.name, variable.operator]) if variable.operator != ""
