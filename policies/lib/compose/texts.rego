# METADATA
# title: What a compose file says in words
# description: >-
#   Lists of every environment value, command, label and inline config of a
#   project, made once and shared by the rules that look into text. A `$$` of
#   the model is given back as the `$` that the container sees. The lists are
#   arrays, not sets: nobody needs them sorted, and sorting costs time.
package lib.compose

# settings are the environment variables with a value, of services and hooks.
settings := array.concat(
	[setting |
		some name, service in input.project.services
		some key, value in service.environment
		is_string(value)
		setting := {"path": ["services", name, "environment", key], "service": name, "name": key, "value": dollar(value)}
	],
	[setting |
		some hook in hooks
		some key, value in hook.body.environment
		is_string(value)
		setting := {"path": array.concat(hook.path, ["environment", key]), "service": hook.service, "name": key, "value": dollar(value)}
	],
)

# hooks are the lifecycle hooks of every service.
hooks := [{"path": ["services", name, kind, i], "service": name, "body": body} |
	some name, service in input.project.services
	some kind in ["pre_start", "post_start", "pre_stop"]
	some i, body in service[kind]
]

# commands are the command lines: words as they are, and tokens, which are the
# words cut again at white space and quotes, as a shell would see them.
commands := [{"path": path, "service": path[1], "words": words, "text": text, "tokens": tokens} |
	some [path, words] in command_lists
	text := dollar(concat(" ", words))
	tokens := regex.split(`[\s"'\\]+`, trim(text, " \t\r\n\"'\\"))
]

command_lists := array.concat(
	[[path, words] |
		some name, service in input.project.services
		some key in ["entrypoint", "command"]
		words := service[key]
		path := ["services", name, key]
	],
	array.concat(
		[[path, words] |
			some name, service in input.project.services
			words := service.healthcheck.test
			path := ["services", name, "healthcheck", "test"]
		],
		[[path, words] |
			some hook in hooks
			words := hook.body.command
			path := array.concat(hook.path, ["command"])
		],
	),
)

# contents are the files that are written out in the compose file itself.
contents := [{"path": ["configs", name, "content"], "text": dollar(config.content)} |
	some name, config in input.project.configs
	is_string(config.content)
]

# labels are the labels of everything that has labels.
labels := array.concat(
	[{"path": path, "name": key, "value": value} |
		some name, service in input.project.services
		some [at, map] in [
			[["labels"], object.get(service, "labels", {})],
			[["deploy", "labels"], object.get(service, ["deploy", "labels"], {})],
			[["build", "labels"], object.get(service, ["build", "labels"], {})],
		]
		some key, value in map
		path := array.concat(["services", name], array.concat(at, [key]))
	],
	array.concat(
		[{"path": [kind, name, "labels", key], "name": key, "value": value} |
			some kind in ["volumes", "networks", "configs", "secrets"]
			some name, body in input.project[kind]
			some key, value in body.labels
		],
		[{"path": ["services", name, "volumes", i, "volume", "labels", key], "name": key, "value": value} |
			some name, service in input.project.services
			some i, mount in service.volumes
			some key, value in mount.volume.labels
		],
	),
)

# haystack is all of that in one text: a rule asks it first, once, and looks
# at the pieces only when there is something to find.
haystack := concat("\n", array.concat(
	array.concat([setting.value | some setting in settings], [command.text | some command in commands]),
	array.concat([content.text | some content in contents], [value | some label in labels; value := label.value; is_string(value)]),
))

# literal reads a JSON value; Python's quotes and constants are taken too,
# since at least one image evaluates its arguments as Python.
literal(text) := json.unmarshal(text) if {
	readable(text)
} else := json.unmarshal(swapped) if {
	swapped := strings.replace_n({"'": "\"", "True": "true", "False": "false", "None": "null"}, text)
	readable(swapped)
}

# readable is true for JSON whose numbers are no larger than json.unmarshal takes.
readable(text) if {
	json.is_valid(text)
	not regex.match(`[0-9][eE][+-]?[0-9]{5}`, text)
}

# owner names what a path belongs to, for messages.
owner(path) := sprintf("service %q", [path[1]]) if path[0] == "services"

owner(path) := sprintf("%s %q", [trim_suffix(path[0], "s"), path[1]]) if path[0] != "services"

# base is the last segment of a path in a file system or of a URL.
base(path) := steps[count(steps) - 1] if steps := split(path, "/")

# dollar turns the model's `$$` into the `$` that the container sees.
dollar(text) := replace(text, "$$", "$")

# scripts are what may be run as a script, as a shell would understand it: in
# lower case, without the quotes and backslashes that could hide a word.
scripts := array.concat(
	array.concat(
		[{"path": command.path, "text": plain(command.text)} | some command in commands],
		[{"path": content.path, "text": plain(content.text)} | some content in contents],
	),
	[{"path": setting.path, "text": plain(setting.value)} |
		some setting in settings
		contains(setting.value, " ")
	],
)

plain(text) := strings.replace_n({"\"": "", "'": "", "\\": "", "${ifs}": " ", "$ifs": " "}, lower(text))

# after is the token that follows, empty at the end.
after(tokens, i) := tokens[i + 1] if {
	i + 1 < count(tokens)
} else := ""

# mentions is true when one of the words, the keys of an object whose values are
# empty, stands in the text. It is one call however many words there are.
mentions(text, words) if strings.replace_n(words, text) != text
