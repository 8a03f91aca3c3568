# METADATA
# title: Address of a cloud metadata service
# description: >-
#   On a rented machine these addresses hand out the credentials of the provider's account to whoever
#   asks from that machine. No template has business with them, however the address is written.
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

# Each number of an address may be decimal, octal or hexadecimal, and the last
# one may stand for several.
pattern := concat("|", [
	# 169.254.x.x: most clouds, and the credentials of container services.
	`(^|[^0-9a-z.])(169|0+251|0x0*a9)\.(254|0+376|0x0*fe)\.`,
	`(^|[^0-9a-z.])(169|0+251|0x0*a9)\.(16689662|0+77524776|0x0*fea9fe)\b`,
	`\b(2852039166|0+25177524776|0x0*a9fea9fe)\b`,
	`\ba9fe:[0-9a-f]{1,4}\b`,
	# fd00:ec2::/32 and fd20:ce::/32: the same over IPv6.
	`\b(fd00:0*ec2|fd20:0*ce):`,
	# 100.100.100.200: Alibaba Cloud.
	`(^|[^0-9a-z.])(100|0+144|0x0*64)\.(100|0+144|0x0*64)\.((100|0+144|0x0*64)\.(200|0+310|0x0*c8)|25800|0+62310|0x0*64c8)\b`,
	`(^|[^0-9a-z.])(100|0+144|0x0*64)\.(6579400|0+31062310|0x0*6464c8)\b`,
	`\b(1684301000|0+14431062310|0x0*646464c8|6464:64c8)\b`,
	# 168.63.129.16: Azure's wire server.
	`(^|[^0-9a-z.])(168|0+250|0x0*a8)\.(63|0+77|0x0*3f)\.(129|0+201|0x0*81)\.(16|0+20|0x0*10)\b`,
	`\b(2822734096|0+25017700420|0x0*a83f8110|a83f:8110)\b`,
	`metadata\.goog|metadata\.tencentyun\.com|instance-data\.ec2|//instance-data\b`,
])

violation contains {"path": piece.path, "message": message} if {
	regex.match(pattern, lower(compose.haystack))
	some piece in compose.pieces
	regex.match(pattern, lower(piece.text))
	message := sprintf("%s names a cloud metadata service in %q", [compose.owner(piece.path), piece.text])
}

violation contains {"path": ["services", name, "extra_hosts", host], "message": message} if {
	some name, service in input.project.services
	some host, addresses in service.extra_hosts
	entry := concat(" ", array.concat([host], addresses))
	regex.match(pattern, lower(entry))
	message := sprintf("service %q has a host entry for a cloud metadata service: %q", [name, entry])
}

violation contains {"path": ["services", name, "dns", i], "message": message} if {
	some name, service in input.project.services
	some i, address in service.dns
	regex.match(pattern, lower(address))
	message := sprintf("service %q resolves names at a cloud metadata service: %q", [name, address])
}
