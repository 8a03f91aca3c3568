# METADATA
# title: Command that installs software when it starts
# description: >-
#   What a package manager installs when the container starts is not in the image
#   that was checked, and it changes with every release of a package. The digest
#   of the image then promises nothing.
# related_resources:
# - description: OWASP Docker Security Cheat Sheet, rule 13
#   ref: https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html
# - description: MITRE ATT&CK, T1195 Supply Chain Compromise
#   ref: https://attack.mitre.org/techniques/T1195/
# custom:
#   severity: error
#   waivable: true
#   subject: compose
#   remediation: Build the packages into the image, and pin the image by its digest.
package trust["install-at-start"]

import data.lib.compose

violation contains {"path": script.path, "message": message} if {
	some script in compose.scripts
	compose.mentions(script.text, hints)
	found := regex.find_n(`(?:^|[\s;&|(/])(?:(?:pip[0-9.]*|uv|conda|mamba|micromamba|apt|apt-get|apk|yum|dnf|microdnf|zypper|npm|yarn|pnpm|bun|gem|go|cargo|poetry|luarocks|brew)\s+(?:-\S+\s+|pip\s+|tool\s+)*(?:install|add|ci|sync)(?:[\s;&|)]|$)|pacman\s+-\w*s|(?:pipx|npm|bun|pnpm|yarn)\s+(?:run|exec|dlx|x)\s+\S+@|pipx\s+(?:run|install)\s|(?:npx|uvx|bunx)\s+\S|go\s+run\s+\S+@|git\s+(?:-\S+\s+(?:[/.]\S*\s+)?)*(?:clone|pull|fetch)(?:[\s;&|)]|$))`, script.text, 1)
	count(found) > 0
	message := sprintf("%s installs or fetches software when it starts: %q", [compose.owner(script.path), trim(found[0], " \t\r\n;&|(/")])
}

# hints are words of which one stands in each text that is looked for.
hints := {"install": "", "add": "", "ci": "", "sync": "", "pacman": "", "@": "", "pipx": "", "npx": "", "uvx": "", "bunx": "", "git": ""}
