# METADATA
# title: Known miner
# description: >-
#   A provider lends its hardware for the tasks of a source. A miner takes the
#   hardware and the electricity for somebody else. The names of programs and
#   pools are kept in policies/data/miners.yaml.
# related_resources:
# - description: MITRE ATT&CK for Containers, T1496 Resource Hijacking
#   ref: https://attack.mitre.org/techniques/T1496/
# custom:
#   severity: error
#   waivable: false
#   subject: compose
#   remediation: Remove it. Mining on providers' machines is abuse.
package trust.miner

import data.lib.compose
import data.lib.images
import data.tables.miners

violation contains {"path": piece.path, "message": message} if {
	compose.mentions(text, miners.marks)
	some mark, _ in miners.marks
	contains(text, mark)
	some piece in pieces
	contains(lower(piece.text), mark)
	message := sprintf("%s mentions %q, which belongs to mining", [compose.owner(piece.path), mark])
}

violation contains {"path": command.path, "message": message} if {
	compose.mentions(text, miners.programs)
	some command in compose.commands
	some token in command.tokens
	program := compose.base(trim(lower(token), ";&|()"))
	program in object.keys(miners.programs)
	message := sprintf("service %q runs the miner %q", [command.service, program])
}

violation contains {"path": image.path, "message": message} if {
	compose.mentions(text, miners.programs)
	some image in images.images
	some segment in split(image.name, "/")
	segment in object.keys(miners.programs)
	message := sprintf("service %q uses the image of a miner, %q", [image.service, image.reference])
}

# text is all that can mention a miner: a clean file is done with one look.
text := lower(concat("\n", [compose.haystack, concat("\n", [image.reference | some image in images.images])]))

pieces := array.concat(
	array.concat(compose.pieces, [{"path": image.path, "text": image.reference} | some image in images.images]),
	[{"path": label.path, "text": label.value} | some label in compose.labels; is_string(label.value)],
)
