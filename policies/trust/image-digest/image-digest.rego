# METADATA
# title: Image without a digest
# description: >-
#   A tag can be moved at any time, so that a provider runs something else than
#   what was checked. A digest names the bytes themselves. An image whose digest
#   nobody knows yet is recorded under `unpinned` in the manifest, and then has
#   to be pinned before the template is published.
# related_resources:
# - description: Docker documentation, pin base image versions
#   ref: https://docs.docker.com/build/building/best-practices/#pin-base-image-versions
# - description: OWASP Docker Security Cheat Sheet, rule 13
#   ref: https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html
# - description: MITRE ATT&CK for Containers, T1525 Implant Internal Image
#   ref: https://attack.mitre.org/techniques/T1525/
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   remediation: Write the image as `name:tag@sha256:…`. If the digest is not known yet, record the image under `unpinned` in template.yaml.
package trust["image-digest"]

import data.lib.images

violation contains {"path": image.path, "message": message} if {
	some image in images.images
	image.digest == ""
	not images.recorded(image.reference)
	message := sprintf("service %q uses the image %q without a digest: what runs can change", [image.service, image.reference])
}
