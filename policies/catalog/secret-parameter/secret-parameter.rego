# METADATA
# title: Secret as a parameter
# description: >-
#   A parameter's value is written into the compose file, and the compose file is public for ever once it is published. A
#   password or token that goes there is everybody's. No variable of a source can hold a secret.
# custom:
#   severity: error
#   waivable: false
#   subject: template
#   remediation: Remove the parameter, and use models and services that need no login.
package catalog["secret-parameter"]

violation contains {"path": ["parameters", name], "message": message} if {
	some name, parameter in input.template.manifest.parameters
	some word in ({name} | {target.variable | some target in parameter.targets})
	secret(word)
	message := sprintf("the parameter %q asks for a secret by the name %q, and would publish it", [name, word])
}

secret(word) if {
	regex.match(`(?i)(passw(or)?d|passphrase|secret|credential|(api|access|private|auth)[-_]?key|mnemonic|(^|[-_])(token|pat|pwd)$)`, word)
}

secret(word) if endswith(word, "Token")
