# METADATA
# title: Two parameters for one place
# description: >-
#   When two parameters write to the same variable, or to the same member of it, the one that happens to be written last wins,
#   and the other does nothing.
# custom:
#   severity: warning
#   waivable: true
#   subject: template
#   remediation: Give each parameter a place of its own, or make one parameter of the two.
package catalog.parameters

violation contains {"path": ["parameters", name, "targets", i], "message": message} if {
	some name, parameter in input.template.manifest.parameters
	some i, target in parameter.targets
	some other, _ in takers[target.service][target.variable]
	other != name
	collide(target, takers[target.service][target.variable][other])
	message := sprintf("the parameters %q and %q both write to %q of service %q", [name, other, target.variable, target.service])
}

# Who writes to a variable, and to which of its members; "" is all of it.
takers[service][variable][name] contains object.get(target, "key", "") if {
	some name, parameter in input.template.manifest.parameters
	some target in parameter.targets
	service := target.service
	variable := target.variable
}

collide(_, keys) if "" in keys

collide(target, _) if not target.key

collide(target, keys) if target.key in keys
