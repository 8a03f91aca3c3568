# METADATA
# title: Credential written into the file
# description: >-
#   A compose file is public: it is fetched by every provider, and stays public
#   for good once it is published. Whatever is a secret in it is lost. The names
#   and shapes that are looked for are kept in policies/data/credentials.yaml.
# related_resources:
# - description: OWASP Docker Security Cheat Sheet, rule 12
#   ref: https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html
# - description: MITRE ATT&CK for Containers, T1552.001 Credentials In Files
#   ref: https://attack.mitre.org/techniques/T1552/001/
# custom:
#   severity: error
#   waivable: true
#   subject: compose
#   remediation: Revoke the credential, then remove it. A template must work without one; a password between two services of the stack is needless on an internal network.
package trust.credentials

import data.lib.compose
import data.tables.credentials as table

violation contains {"path": path, "message": message} if {
	some [path, name, value] in named
	strings.any_suffix_match(normal(name), table.suffixes)
	not strings.any_suffix_match(concat("_", ["", normal(name)]), table.exceptions)
	literal(value)
	message := sprintf("%s holds a credential in %q", [compose.owner(path), trim_left(name, "-")])
}

violation contains {"path": piece.path, "message": message} if {
	compose.mentions(compose.haystack, table.hints)
	some piece in pieces
	compose.mentions(piece.text, table.hints)
	some shape in table.shapes
	regex.match(shape.pattern, piece.text)
	message := sprintf("%s holds %s", [compose.owner(piece.path), shape.name])
}

# named are the names with their values, wherever a file can have them.
named := array.concat(
	array.concat(
		[[s.path, s.name, s.value] | some s in compose.settings],
		[[l.path, l.name, l.value] | some l in compose.labels; is_string(l.value)],
	),
	array.concat(array.concat(options, arguments), array.concat(flags, assignments)),
)

options := [[["services", name, "logging", "options", key], key, value] |
	some name, service in input.project.services
	some key, value in service.logging.options
	is_string(value)
]

arguments := [[["services", name, "build", "args", key], key, value] |
	some name, service in input.project.services
	some key, value in service.build.args
	is_string(value)
]

# flags are `--name value`, `--name=value` and `NAME=value` of commands.
flags := [[command.path, name, value] |
	some command in compose.commands
	compose.mentions(command.text, {"--": "", "=": ""})
	some i, token in command.tokens
	[name, value] := pair(token, compose.after(command.tokens, i))
]

pair(token, _) := [substring(token, 0, at), substring(token, at + 1, -1)] if {
	at := indexof(token, "=")
	at > 0
}

pair(token, next) := [token, next] if {
	startswith(token, "--")
	not contains(token, "=")
	not startswith(next, "-")
}

# assignments are `name: value` and `name=value` of inline configs and of JSON.
assignments := [[text.path, found[1], found[2]] |
	some text in array.concat(
		compose.contents,
		[{"path": s.path, "text": s.value} | some s in compose.settings; regex.match(`^\s*[\[{]`, s.value)],
	)
	compose.mentions(upper(text.text), {"TOKEN": "", "PASS": "", "SECRET": "", "KEY": "", "_PWD": "", "_PAT": "", "CREDENTIALS": "", "AUTH": "", "MNEMONIC": "", "PHRASE": "", "BEARER": "", "CONNECTION": "", "WEBHOOK": ""})
	some found in regex.find_all_string_submatch_n(`([A-Za-z][\w.-]*)["']?[ \t]*[:=][ \t]*["']?([^\s"',;}]+)`, text.text, -1)
]

pieces := array.concat(
	compose.pieces,
	[{"path": l.path, "text": l.value} | some l in compose.labels; is_string(l.value)],
)

normal(name) := replace(replace(upper(trim_left(name, "-")), "-", "_"), ".", "_")

# literal is a value that gives something away: no placeholder, no path of a
# file, and not taken from a variable.
literal(value) if {
	not table.placeholders[lower(trim_space(value))]
	not regex.match(`^/|^\$|^<.*>$|^\*+$`, value)
}
