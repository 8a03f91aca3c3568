# METADATA
# title: Ollama model by tag
# description: >-
#   Ollama's registry has tags and no revisions, and a tag can be moved. What was
#   tried need not be what a provider pulls. There is nothing to pin, so this is
#   only advice.
# related_resources:
# - description: Ollama documentation, models
#   ref: https://github.com/ollama/ollama/blob/main/docs/api.md#model-names
# custom:
#   severity: notice
#   waivable: true
#   subject: compose
#   remediation: Use a tag that names size and quantisation, such as `qwen2.5:3b-instruct-q4_K_M`, and never `latest`.
package trust["model-tag"]

import data.lib.compose

violation contains {"path": setting.path, "message": message} if {
	some setting in compose.settings
	data.tables.models.tagged[setting.name]
	setting.value != ""
	message := sprintf("service %q pulls the model %q by a tag, which can move", [setting.service, setting.value])
}

violation contains {"path": command.path, "message": message} if {
	some command in compose.commands
	contains(command.text, "ollama")
	compose.mentions(command.text, {"pull": "", "run": ""})
	some i, token in command.tokens
	compose.base(token) == "ollama"
	compose.after(command.tokens, i) in {"pull", "run"}
	model := trim(compose.after(command.tokens, i + 1), ";&|()")
	model != ""
	message := sprintf("service %q pulls the model %q by a tag, which can move", [command.service, model])
}
