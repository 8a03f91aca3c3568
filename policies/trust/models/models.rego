# METADATA
# title: "Model of the host's model runner"
# description: >-
#   `models` makes Compose hand the work to a model runner on the host, outside the stack: with
#   weights that nobody pinned, hardware that nobody reserved, and a program that most providers do
#   not have.
# related_resources:
# - description: Docker documentation, Define AI Models in Docker Compose applications
#   ref: https://docs.docker.com/ai/compose/models-and-compose/
# - description: Docker documentation, Compose file reference, services, models
#   ref: https://docs.docker.com/reference/compose-file/services/#models
# - description: OWASP Docker Security Cheat Sheet, rule 13 Enhance Supply Chain Security
#   ref: https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   keys:
#   - services.*.models
#   - models
#   remediation: >-
#     Run the model in a service of the stack, with its weights in a named volume.
package trust.models

violation contains {"path": ["models", name], "message": message} if {
	some name, _ in input.project.models
	message := sprintf("model %q runs outside the stack, on the host's model runner", [name])
}

violation contains {"path": ["services", name, "models"], "message": message} if {
	some name, service in input.project.services
	service.models
	message := sprintf("service %q uses models of the host's model runner", [name])
}
