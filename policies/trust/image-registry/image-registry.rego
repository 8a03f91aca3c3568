# METADATA
# title: Image from an unlisted place
# description: >-
#   An image is a program of somebody. The allow-list names the registries and
#   namespaces whose publishers are known, so that a provider does not have to
#   judge each image anew. It is kept in policies/data/registries.yaml, where a
#   new place is argued for and reviewed; a template cannot add to it. A catalog of
#   its own adds the places of its own images in its own policies.
# related_resources:
# - description: CIS Docker Benchmark, 4.2 Ensure that containers use only trusted base images
#   ref: https://www.cisecurity.org/benchmark/docker
# - description: MITRE ATT&CK for Containers, T1204.003 User Execution, Malicious Image
#   ref: https://attack.mitre.org/techniques/T1204/003/
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   remediation: >-
#     Use an image from a listed place. In this repository, propose a line for
#     policies/data/registries.yaml that says who answers for the images there. In a
#     catalog of your own, add such a line to a folder that `--policies` names, as
#     docs/policies.md says.
package trust["image-registry"]

import data.lib.images

violation contains {"path": image.path, "message": message} if {
	some image in images.images
	not listed(image.name)
	message := sprintf("service %q uses the image %q, which does not come from a listed registry and namespace", [image.service, image.reference])
}

# No entry of the list has more than four segments.
listed(name) if {
	segments := split(name, "/")
	some length in [1, 2, 3, 4]
	length <= count(segments)
	data.tables.registries[concat("/", array.slice(segments, 0, length))]
}
