# METADATA
# title: Service runs as root
# description: >-
#   Root in a container is root on the host once it gets out, unless the engine maps users. A service
#   that names an ordinary user is worth much less to an attacker. Many public images run as root;
#   then a waiver says why that must be.
# related_resources:
# - description: CIS Docker Benchmark v1.6.0, 4.1 Ensure that a user for the container has been created
#   ref: https://www.cisecurity.org/benchmark/docker
# - description: OWASP Docker Security Cheat Sheet, rule 2 Set a user
#   ref: https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html
# - description: Docker documentation, Isolate containers with a user namespace
#   ref: https://docs.docker.com/engine/security/userns-remap/
# - description: Docker documentation, Compose file reference, services, user
#   ref: https://docs.docker.com/reference/compose-file/services/#user
# custom:
#   severity: warning
#   waivable: true
#   subject: compose
#   remediation: >-
#     Set `user` to a number such as `"1000:1000"` that the image and its volumes can live with.
package trust["root-user"]

import data.lib.compose

violation contains {"path": ["services", name, "user"], "message": message} if {
	some name, service in input.project.services
	user := object.get(service, "user", "")
	compose.root_user(user)
	message := said(name, user)
}

said(name, "") := sprintf("service %q does not say its user, which is root in most images", [name])

said(name, user) := sprintf("service %q runs as root: its user is %q", [name, user]) if user != ""
