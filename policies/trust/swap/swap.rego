# METADATA
# title: More swap than memory
# description: >-
#   Without `memswap_limit` a container may swap as much as its memory limit. A
#   larger value, or -1 for all there is, lets it fill the host's swap, which
#   slows down everything else on the machine.
# related_resources:
# - description: Docker documentation, --memory-swap
#   ref: https://docs.docker.com/engine/containers/resource_constraints/#--memory-swap-details
# - description: OWASP Docker Security Cheat Sheet, rule 7
#   ref: https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   keys:
#   - services.*.memswap_limit
#   remediation: Remove `memswap_limit`, or set it to the memory limit to use no swap.
package trust.swap

import data.lib.services

violation contains {"path": ["services", name, "memswap_limit"], "message": message} if {
	some name, service in input.project.services
	service.memswap_limit < 0
	message := sprintf("service %q may use all swap of the host", [name])
}

violation contains {"path": ["services", name, "memswap_limit"], "message": message} if {
	some name, service in input.project.services
	limit := service.memswap_limit
	limit > 2 * object.get(services.memory_limit, name, 0)
	message := sprintf("service %q may use %d bytes of memory and swap, more than twice its memory limit", [name, limit])
}
