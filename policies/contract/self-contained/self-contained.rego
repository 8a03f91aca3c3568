# METADATA
# title: Source that needs a second file
# description: >-
#   A provider downloads one compose file from one URL. What it includes or extends is not there, or is something else that lies
#   beside it on the provider's machine. A template of the catalog may use several files: they become one when it is frozen.
# related_resources:
# - description: Docker documentation, Compose file reference, include
#   ref: https://docs.docker.com/reference/compose-file/include/
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   keys:
#   - include
#   - services.*.extends.file
#   remediation: Write everything into one file.
package contract["self-contained"]

violation contains {"path": entry.path, "message": message} if {
	not input.template
	some entry in input.keys
	entry.key in {"include", "services.*.extends.file"}
	message := sprintf("the file draws in another one with %q, which no provider downloads", [entry.key])
}
