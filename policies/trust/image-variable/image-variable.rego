# METADATA
# title: Image name depends on a variable
# description: >-
#   What runs would depend on the provider's environment, and not on what was
#   checked. The default of such a variable is checked by nobody either, since
#   whoever sets the variable replaces it.
# related_resources:
# - description: Compose Specification, interpolation
#   ref: https://docs.docker.com/reference/compose-file/interpolation/
# - description: MITRE ATT&CK for Containers, T1204.003 User Execution, Malicious Image
#   ref: https://attack.mitre.org/techniques/T1204/003/
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   remediation: Write the image's name and digest out.
package trust["image-variable"]

import data.lib.images

violation contains object.union({"path": variable.path, "message": message}, place) if {
	some variable in input.variables
	data.tables.variables.images[variable.key]
	message := sprintf("service %q has an image whose name depends on the variable %q", [variable.path[1], variable.name])
	place := object.filter(variable, ["position"])
}

# An alias can bring a variable of the provider from another place: it stands
# in the model as it was written.
violation contains {"path": image.path, "message": message} if {
	some image in images.images
	contains(replace(image.reference, "$$", ""), "${")
	not image.path in reported
	message := sprintf("service %q has an image whose name depends on a variable: %q", [image.service, image.reference])
}

# Where the first rule says it already. The set is made once for all images.
reported contains variable.path if {
	some variable in input.variables
	data.tables.variables.images[variable.key]
}
