# METADATA
# title: Address of a cloud metadata service
# description: >-
#   On a rented machine these addresses hand out the credentials of the provider's account to whoever asks from that machine. No
#   template has business with them, however the address is written: as one number, in octal, with full-width digits, inside of IPv6, or
#   in a name such as 169-254-169-254.example.com, which name servers for all answer with the address. A name of somebody's own
#   that leads there cannot be told from others. The addresses are kept in policies/data/metadata.yaml.
# related_resources:
# - description: "MITRE ATT&CK, T1552.005 Cloud Instance Metadata API"
#   ref: https://attack.mitre.org/techniques/T1552/005/
# - description: Docker documentation, Networking
#   ref: https://docs.docker.com/engine/network/
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   remediation: >-
#     Remove the address.
package trust["metadata-address"]

import data.lib.compose
import data.tables.metadata as table

violation contains {"path": mention.path, "message": message} if {
	some address, mentions in input.hosts.addresses
	special(address)
	some mention in mentions
	message := sprintf("%s names a cloud metadata service: %q is %s", [owner(mention.path), mention.written, address])
}

special(address) if table.addresses[address]

special(address) if strings.any_prefix_match(address, table.networks)

violation contains {"path": mention.path, "message": message} if {
	some name, whose in table.names
	some mention in input.hosts.names[name]
	message := sprintf("%s names the metadata service of %s: %q", [owner(mention.path), whose, mention.written])
}

owner(path) := compose.owner(path) if {
	count(path) > 1
} else := "the file"

# A name of one part that is the whole value of a variable for hosts.
violation contains {"path": setting.path, "message": message} if {
	some setting in compose.settings
	whose := table.names[trim_suffix(lower(trim_space(setting.value)), ".")]
	regex.match(table.variables, upper(setting.name))
	message := sprintf("service %q names the metadata service of %s: %q", [setting.service, whose, setting.value])
}
