# METADATA
# title: Record of an unpinned image that records nothing
# description: >-
#   `unpinned` lists the images whose digest nobody knows yet. An entry that names a digest, or an image twice, is a slip that hides
#   what is still to be done.
# custom:
#   severity: warning
#   waivable: true
#   subject: template
#   remediation: Keep one entry for each image that is not pinned, written as in the compose file, and remove the others.
package catalog.unpinned

violation contains {"path": ["unpinned", i, "image"], "message": message} if {
	some i, entry in input.template.manifest.unpinned
	contains(entry.image, "@")
	message := sprintf("the image %q names a digest: it is pinned", [entry.image])
}

violation contains {"path": ["unpinned", i, "image"], "message": message} if {
	some i, entry in input.template.manifest.unpinned
	some earlier, other in input.template.manifest.unpinned
	earlier < i
	other.image == entry.image
	message := sprintf("the image %q is recorded twice", [entry.image])
}
