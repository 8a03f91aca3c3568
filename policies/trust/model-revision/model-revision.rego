# METADATA
# title: Model weights that float
# description: >-
#   Without a revision a hub serves whatever its newest commit holds, so that two
#   providers of one version may answer with different models. Pin the commit by
#   its 40 hexadecimal digits; a branch or a tag moves. The forms that are known
#   are kept in policies/data/models.yaml.
# related_resources:
# - description: Hugging Face documentation, downloading a revision
#   ref: https://huggingface.co/docs/huggingface_hub/guides/download
# - description: MITRE ATT&CK, T1195 Supply Chain Compromise
#   ref: https://attack.mitre.org/techniques/T1195/
# custom:
#   severity: error
#   waivable: true
#   subject: compose
#   remediation: Add the revision as the 40 hexadecimal digits of a commit.
package trust["model-revision"]

import data.lib.compose
import data.lib.images
import data.tables.models

commit := `^[0-9a-f]{40}$`

# JSON, or a Python literal, in an environment variable.
violation contains {"path": setting.path, "message": message} if {
	some setting in compose.settings
	regex.match(`^\s*[\[{]`, setting.value)
	contains(setting.value, "model")
	some model in floating(setting.value)
	message := sprintf("service %q loads the model %q in %q without a revision of 40 hexadecimal digits", [setting.service, model, setting.name])
}

# An environment variable that an image reads.
violation contains {"path": setting.path, "message": message} if {
	some setting in compose.settings
	pins := models.variables[setting.name]
	hub_name(setting.value)
	environment := object.get(input.project.services, [setting.service, "environment"], {})
	not pinned_by(environment, pins)
	message := sprintf("service %q loads the model %q%s", [setting.service, setting.value, unpinned(pins)])
}

# A command.
violation contains {"path": path, "message": message} if {
	some [path, model, pins] in named
	not flagged(path[1], pins)
	message := sprintf("service %q loads the model %q%s", [path[1], model, unpinned(pins)])
}

# An address of a hub.
violation contains {"path": piece.path, "message": message} if {
	contains(compose.haystack, "/resolve/")
	some piece in compose.pieces
	some found in regex.find_all_string_submatch_n(`(?:huggingface\.co|hf-mirror\.com)/[^\s"'?]+?/(?:resolve|raw)/([^/\s"']+)/`, piece.text, -1)
	not regex.match(commit, found[1])
	message := sprintf("%s loads a file of a hub at the revision %q, which moves", [compose.owner(piece.path), found[1]])
}

floating(text) := models_in if {
	value := compose.literal(text)
	models_in := {model |
		some call in calls(value)
		some key, pin in models.json
		model := call[key]
		weights(model, call)
		not commit_at(call, pin)
	}
} else := {"?"} if {
	# What no reader understands is searched for a revision.
	regex.match(`["']model["']\s*:`, text)
	not regex.match(`["']revision["']\s*:\s*["'][0-9a-f]{40}["']`, text)
}

calls(value) := [value] if is_object(value)

calls(value) := [call | some call in value; is_object(call)] if is_array(value)

# A name without an organisation may be Ollama's, unless it is a pipeline's.
weights(model, _) if hub_name(model)

weights(model, call) if {
	call.task
	short_name(model)
}

commit_at(call, pin) if is_commit(call[pin])

is_commit(value) if {
	is_string(value)
	regex.match(commit, value)
}

hub_name(name) if {
	is_string(name)
	regex.match(`^(?:(?:https?://)?(?:hf\.co|huggingface\.co)/)?[A-Za-z0-9][\w.-]*/[\w.-]+(?::[\w.-]+)?$`, name)
	not regex.match(`^[\w.-]+/[\w.-]+:[\w.-]+$`, name)
}

short_name(name) if {
	is_string(name)
	regex.match(`^[A-Za-z0-9][\w.-]*$`, name)
}

pinned_by(environment, pins) if {
	some pin in pins
	is_commit(environment[pin])
}

unpinned([]) := ", and this form takes no revision"

unpinned(pins) := sprintf(" without %s and 40 hexadecimal digits", [pins[0]]) if count(pins) > 0

# named are the models of commands, with what would pin them: by a flag, by the
# word after a subcommand, and by the first argument of an image.
named contains [command.path, model, flag.pins] if {
	some command in compose.commands
	compose.mentions(command.text, {"model": "", "tokenizer": "", "repo": "", "-hf": ""})
	some i, token in command.tokens
	startswith(token, "-")
	[name, value] := split_flag(token)
	flag := models.flags[name]
	model := [v | some v in [value, compose.after(command.tokens, i)]; v != ""][0]
	wanted(model, flag)
}

named contains [command.path, model, pins] if {
	some command in compose.commands
	compose.mentions(command.text, {"vllm": "", "hf": "", "huggingface": ""})
	some i, token in command.tokens
	pins := models.commands[compose.base(token)][compose.after(command.tokens, i)]
	model := compose.after(command.tokens, i + 1)
	hub_name(model)
}

named contains [command.path, model, pins] if {
	some command in compose.commands
	command.path[2] == "command"
	model := command.tokens[0]
	hub_name(model)
	pins := models.first_argument[image_name[command.service]]
}

# The images that services run, other than those of hooks and volumes. One document,
# which is made once: a rule with a key would look through all images for each key.
image_name := {image.service: image.name |
	some image in images.images
	count(image.path) == 3
}

split_flag(token) := [substring(token, 0, at), substring(token, at + 1, -1)] if {
	at := indexof(token, "=")
	at > 0
} else := [token, ""]

wanted(model, _) if hub_name(model)

wanted(model, flag) if {
	flag.pins == []
	regex.match(`^[\w.-]+/[\w.-]+(?::[\w.-]+)?$`, model)
}

wanted(model, flag) if {
	flag.short
	short_name(model)
}

flagged(service, pins) if {
	some pin in pins
	[service, pin] in pinned
}

# pinned are the flags of each service that give a commit.
pinned := {[command.service, name] |
	some command in compose.commands
	some i, token in command.tokens
	contains(token, "revision")
	[name, value] := split_flag(token)
	some revision in [value, compose.after(command.tokens, i)]
	regex.match(commit, revision)
}
