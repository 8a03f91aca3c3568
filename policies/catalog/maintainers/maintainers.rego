# METADATA
# title: Nobody to reach
# description: >-
#   Providers who find a fault need somebody to tell. A maintainer without an address or an account cannot be told.
# custom:
#   severity: warning
#   waivable: true
#   subject: template
#   remediation: Give at least one maintainer an `email` or a `github` account.
package catalog.maintainers

violation contains {"path": ["maintainers"], "message": "no maintainer can be reached: none has an email or a github account"} if {
	input.template.manifest
	count([1 | some maintainer in input.template.manifest.maintainers; reachable(maintainer)]) == 0
}

reachable(maintainer) if maintainer.email

reachable(maintainer) if maintainer.github
