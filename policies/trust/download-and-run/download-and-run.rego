# METADATA
# title: Command that fetches and runs code
# description: >-
#   Code that is fetched when the container starts is not in the image that was
#   checked, and whoever serves it can change it at any time. Decoded or computed
#   text that goes into a shell hides what runs. A shell that is handed to the
#   network lets a stranger into the container.
# related_resources:
# - description: MITRE ATT&CK for Containers, T1609 Container Administration Command
#   ref: https://attack.mitre.org/techniques/T1609/
# - description: MITRE ATT&CK, T1105 Ingress Tool Transfer
#   ref: https://attack.mitre.org/techniques/T1105/
# - description: OWASP Docker Security Cheat Sheet, rule 13
#   ref: https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   remediation: Build the code into the image, and pin the image by its digest.
package trust["download-and-run"]

import data.lib.compose

violation contains {"path": script.path, "message": message} if {
	some script in compose.scripts
	some what in kinds(script)
	message := sprintf("%s %s", [compose.owner(script.path), what])
}

kinds(script) := {kind | some kind, true in {
	"runs what is piped into a shell or an interpreter": piped(script.text),
	"runs what a command fetches or decodes": substituted(script.text),
	"fetches a file and runs it": fetched(script.text),
	"fetches or decodes code and runs it within an interpreter": interpreted(script),
	"installs code from an address": installed(script.text),
	"hands a shell to the network": handed(script.text),
}}

default piped(_) := false

# The end of the command must follow: `| python -c …` and `| sh x.sh` read data.
piped(text) if {
	contains(text, "|")
	regex.match(`(?:^|[^|])\|&?\s*(?:(?:sudo|env|exec|command|nohup|time|busybox|[a-z_]+=\S*)\s+(?:-\S+\s+)*)*(?:[\w./-]*/)?(?:(?:ba|da|z|k|a|c|tc|fi)?sh|python[0-9.]*|perl|ruby|node|nodejs|php|lua|pwsh)(?:\s+-[a-z]+)*(?:\s+(?:-s|-|--|/dev/stdin)(?:\s|$)|\s*(?:$|[;&|)}\n<>#]))`, text)
}

default substituted(_) := false

substituted(text) if {
	compose.mentions(text, {"<(": "", "$(": "", "`": ""})
	regex.match(`(?:^|[\s;&|(/])(?:(?:ba|da|z|k|a|c|fi)?sh|python[0-9.]*|perl|node|eval|source|\.|exec|-[a-z]*c|<<<)\s*(?:<<<\s*)?(?:<\(|\$\(|\x60)\s*(?:[\w./-]*/)?(?:busybox\s+)?(?:curl|wget|aria2c|fetch|lwp-request|base64|base32|openssl|xxd|nc|ncat)\b`, text)
}

substituted(text) if {
	contains(text, "eval")
	regex.match(`\b(?:curl|wget|base64|base32|xxd|openssl)\b`, text)
	regex.match(`(?:^|[\s;&|(])eval\s`, text)
}

default fetched(_) := false

fetched(text) if {
	contains(text, "://")
	compose.mentions(text, {"curl": "", "wget": "", "aria2c": ""})
	run := names_of(text, arguments) | names_of(text, starts)
	count((names_of(text, outputs) & run) - {"", "-"}) > 0
}

# The files that a command writes, and those that an address names.
outputs := `(?:\s-[a-z]*o\s*|\s--output[= ]|\s--output-document[= ]|>\s*|(?:https?|ftp)://)([^\s;&|<>()?#]+)`

# The words that are run: after an interpreter, and where a command starts.
arguments := `(?:^|[\s;&|(/])(?:(?:ba|da|z|k|a)?sh|python[0-9.]*|perl|ruby|node|php|source|\.|exec|nohup|sudo|env|chmod\s+\S+)\s+(?:-\S+\s+)*([^\s;&|<>()]+)`

starts := `(?:[;&|(\n]|\s-[a-z]*c\s|\sthen\s|\sdo\s)\s*([^\s;&|<>()]+)`

names_of(text, pattern) := {compose.base(found[1]) | some found in regex.find_all_string_submatch_n(pattern, text, -1)}

default interpreted(_) := false

interpreted(script) if {
	script.path[0] != "configs"
	compose.mentions(script.text, {"exec": "", "eval": "", "compile": "", "system": "", "popen": "", "subprocess": "", "runpy": "", "child_process": "", "function": ""})
	regex.match(`urlopen|urlretrieve|requests\.(?:get|post)|httpx\.|http\.client|aiohttp|\bsocket\.|b64decode|a85decode|unhexlify|zlib\.decompress|marshal\.loads|\bfetch\(|https?\.get\(|\blwp\b|open-uri|file_get_contents|\batob\(|buffer\.from`, script.text)
	regex.match(`\bexec\s*\(|\beval\b|\bcompile\s*\(|os\.system|os\.popen|subprocess|runpy|child_process|new function|\bsystem\s*\(`, script.text)
}

default installed(_) := false

installed(text) if {
	compose.mentions(text, {"git+": "", "github:": "", "--git": "", "://": ""})
	regex.match(`\b(?:pip[0-9.]*|uv|uvx|pipx|npm|npx|yarn|pnpm|bun|deno|cargo|go)\s[^;&|\n]*(?:git\+|github:|\s--git\s|https?://[^\s;&|]+\.(?:whl|zip|tar\.gz|tgz|git|js|ts|py)(?:\s|$))`, text)
}

default handed(_) := false

handed(text) if {
	compose.mentions(text, {"/dev/": "", "nc": "", "netcat": "", "socat": "", "pty": ""})
	regex.match(`\b(?:ba|z|k|da)?sh\s+-i\b[^\n]*/dev/(?:tcp|udp)/|/dev/(?:tcp|udp)/[^\n]*\b(?:ba|z|k|da)?sh\s*<&|\b(?:nc|ncat|netcat)\s[^;|\n]*(?:\s-[a-z]*e\s|--exec|--sh-exec)|\bsocat\b[^;\n]*\bexec:|\bpty\.spawn`, text)
}
