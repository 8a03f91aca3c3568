# METADATA
# title: Service folder and manifest do not match
# description: >-
#   The key `service` says that an image is built from the template's folder service. Without service/Dockerfile nothing can be built;
#   with a folder that the manifest does not mention, something is in the template that nobody builds or tries.
# custom:
#   severity: error
#   waivable: false
#   subject: template
#   remediation: >-
#     Write service/Dockerfile and name the image in `service`, as the compose files write it, or remove both.
package catalog.service

violation contains {"path": ["service"], "message": message} if {
	input.template.manifest.service
	not has_dockerfile
	message := "the manifest names a service, but there is no service/Dockerfile"
}

violation contains {"file": file, "path": [], "message": message} if {
	input.template.manifest
	not input.template.manifest.service
	file := min({f.path | some f in input.template.files; f.kind == "service"})
	message := "the folder service holds files, but the manifest names no service"
}

has_dockerfile if {
	some file in input.template.files
	file.path == "service/Dockerfile"
	file.kind == "service"
}
