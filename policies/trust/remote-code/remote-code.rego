# METADATA
# title: Code from a model's repository
# description: >-
#   `trust_remote_code` runs Python files that lie beside the weights, and a
#   custom pipeline is a Python file of a repository as well. That code is in no
#   image and nobody has checked it.
# related_resources:
# - description: Hugging Face documentation, loading models with custom code
#   ref: https://huggingface.co/docs/transformers/models#custom-models
# - description: MITRE ATT&CK, T1195 Supply Chain Compromise
#   ref: https://attack.mitre.org/techniques/T1195/
# custom:
#   severity: error
#   waivable: true
#   subject: compose
#   remediation: Use a model that the library itself supports, or build its code into an image. A waiver needs a pinned revision whose code was read.
package trust["remote-code"]

import data.lib.compose

violation contains {"path": setting.path, "message": message} if {
	suspected
	some setting in compose.settings
	endswith(replace(lower(setting.name), "-", "_"), "trust_remote_code")
	not lower(trim_space(setting.value)) in (off | {""})
	message := sprintf("service %q runs code from a model's repository: %q is %q", [setting.service, setting.name, setting.value])
}

violation contains {"path": text.path, "message": message} if {
	suspected
	some text in texts
	trusts(lower(text.text))
	message := sprintf("%s runs code from a model's repository (trust_remote_code)", [compose.owner(text.path)])
}

violation contains {"path": text.path, "message": message} if {
	suspected
	some text in texts
	found := regex.find_all_string_submatch_n(`custom[-_]pipeline["']?\s*[:= ]\s*["']?([\w./-]+)`, lower(text.text), 1)
	not found[0][1] in off
	message := sprintf("%s runs the custom pipeline %q", [compose.owner(text.path), found[0][1]])
}

suspected if regex.match(`(?i)remote[-_]code|custom[-_]pipeline`, compose.haystack)

suspected if {
	some setting in compose.settings
	contains(lower(setting.name), "remote")
}

texts := array.concat(
	[{"path": s.path, "text": s.value} | some s in compose.settings],
	array.concat([{"path": c.path, "text": c.text} | some c in compose.commands], compose.contents),
)

# trusts is true unless each mention of it says no.
trusts(text) if {
	some found in regex.find_all_string_submatch_n(`(no[-_])?trust[-_]remote[-_]code\\?["']?\s*[:= ]?\s*\\?["']?([a-z0-9_.]*)`, text, -1)
	found[1] == ""
	not found[2] in off
}

# off are the values that switch it off. A flag without a value switches it on.
off := {"0", "false", "no", "none", "null", "off"}
