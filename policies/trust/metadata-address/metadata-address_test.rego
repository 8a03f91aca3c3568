package trust["metadata-address_test"]

import data.trust["metadata-address"] as rule

place := ["services", "web", "command", 0]

# How addresses are read is tested beside the reader, and by the cases.
at(hosts) if {
	found := {v.path | some v in rule.violation} with input.hosts as hosts with input.project as {"services": {"web": {}}}
	found == {place}
}

mentions := [{"path": place, "written": "x"}]

test_addresses if {
	every address in [
		"169.254.169.254",
		"169.254.170.2",
		"169.254.42.42",
		"100.100.100.200",
		"168.63.129.16",
		"192.0.0.192",
		"fd00:ec2::254",
		"fd00:ec2::23",
		"fd20:ce::254",
		"fd00:42::42",
		"fd00:a9fe:a9fe::1",
		"fe80::a9fe:a9fe",
	] {
		at({"addresses": {address: mentions}})
	}
}

test_names if {
	every name in ["metadata.google.internal", "metadata", "metadata.goog", "metadata.tencentyun.com", "instance-data", "instance-data.ec2.internal", "metadata.azure.internal"] {
		at({"names": {name: mentions}})
	}
}

test_variables if {
	found := {v.path[3] | some v in rule.violation} with input.project.services as {"web": {"environment": {
		"GCE_METADATA_HOST": "metadata",
		"Url": " METADATA. ",
		"KIND": "metadata",
		"HOST": "metadata-store",
		"HOSTING": "metadata",
	}}}
	found == {"GCE_METADATA_HOST", "Url"}
}

test_outside_of_services if {
	found := {v.message | some v in rule.violation} with input.hosts as {"addresses": {"169.254.169.254": [{"path": ["name"], "written": "x"}]}}
	found == {"the file names a cloud metadata service: \"x\" is 169.254.169.254"}
}

test_silent if {
	every address in ["10.169.254.1", "127.0.0.1", "16.9.254.1", "169.25.4.1", "100.100.100.201", "fd00:43::42", "fd00::1", "fe80::1", "1.0.0.2"] {
		not at({"addresses": {address: mentions}})
	}
	every name in ["metadata.example.com", "my.metadata", "google.internal"] {
		not at({"names": {name: mentions}})
	}
}
