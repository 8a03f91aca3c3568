# METADATA
# title: Weights in pickle form
# description: >-
#   Loading a pickle runs whatever its author put into it. Weights as safetensors
#   or GGUF are data and nothing else. The file names that are looked for are kept
#   in policies/data/models.yaml.
# related_resources:
# - description: Hugging Face documentation, pickle scanning
#   ref: https://huggingface.co/docs/hub/security-pickle
# - description: MITRE ATT&CK, T1195 Supply Chain Compromise
#   ref: https://attack.mitre.org/techniques/T1195/
# custom:
#   severity: warning
#   waivable: true
#   subject: compose
#   remediation: Use weights in safetensors or GGUF form, and leave the loader's own checks on.
package trust["pickle-weights"]

import data.lib.compose

violation contains {"path": text.path, "message": message} if {
	regex.match(guard, compose.haystack)
	some text in texts
	some word in regex.split(`[\s"'=,;()\[\]{}<>|&?#]+`, text.text)
	strings.any_suffix_match(lower(word), data.tables.models.pickles)

	# whisper.cpp's own format has the same ending.
	not startswith(compose.base(word), "ggml")
	message := sprintf("service %q loads %q, a file in pickle form", [text.service, word])
}

# guard is true when one of the endings stands anywhere.
guard := `(?i)\.(?:bin|pt|pth|pkl|pickle|ckpt|joblib|dill)\b`

violation contains {"path": text.path, "message": message} if {
	regex.match(`(?i)safetensors|load[-_]format|weights[-_]only`, compose.haystack)
	some text in texts
	found := regex.find_n(`(?i)use[-_]safetensors\\?["']?\s*[:= ]\s*\\?["']?(?:false|0|no)\b|load[-_]format\\?["']?\s*[:= ]\s*\\?["']?(?:pt|npcache)\b|weights[-_]only\\?["']?\s*[:= ]\s*\\?["']?(?:false|0|no)\b`, text.text, 1)
	count(found) > 0
	message := sprintf("service %q lets weights in pickle form in: %q", [text.service, found[0]])
}

violation contains {"path": setting.path, "message": message} if {
	some setting in compose.settings
	some value in switches[setting.name]
	lower(trim_space(setting.value)) == value
	message := sprintf("service %q lets weights in pickle form in: %q is %q", [setting.service, setting.name, setting.value])
}

switches := {
	"TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD": ["1", "true", "yes", "y"],
	"LOAD_FORMAT": ["pt", "npcache"],
	"VLLM_LOAD_FORMAT": ["pt", "npcache"],
	"USE_SAFETENSORS": ["0", "false", "no"],
}

texts := array.concat(
	[{"path": s.path, "service": s.service, "text": s.value} | some s in compose.settings],
	[{"path": c.path, "service": c.service, "text": c.text} | some c in compose.commands],
)
