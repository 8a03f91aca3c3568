# METADATA
# title: The handler does not get the callback's address
# description: >-
#   The handler sends its results to the address in CALLBACK_URL, which the provider sets for each start. A handler that does not
#   receive it accepts tasks and stays silent; a fixed address sends the results to somebody else.
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   remediation: 'Give the service that publishes the port `CALLBACK_URL: ${CALLBACK_URL}` in its `environment`.'
package contract["callback-url"]

import data.lib.services

violation contains {"path": ["services", name, "environment", "CALLBACK_URL"], "message": message} if {
	some name in {entry.service | some entry in services.protocol_ports}
	value := object.get(input.project.services[name], ["environment", "CALLBACK_URL"], "")
	not value in {"${CALLBACK_URL}", null}
	message := sprintf("service %q publishes the port, but %s", [name, problem(value)])
}

problem("") := "gets no CALLBACK_URL to send its results to"

problem(value) := sprintf("gets the CALLBACK_URL %q in place of the provider's", [value]) if value != ""
