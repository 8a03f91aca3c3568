package trust["metadata-address_test"]

import data.trust["metadata-address"] as rule

at(service) := {array.slice(v.path, 2, count(v.path)) | some v in found} if {
	found := rule.violation with input as {"environment": "nvidia", "project": {"services": {"web": service}}}
}

names(text) if at({"environment": {"URL": text}}) == {["environment", "URL"]}

test_spellings if {
	every host in [
		"169.254.169.254",
		"169.254.170.2",
		"2852039166",
		"0xA9FEA9FE",
		"025177524776",
		"0251.0376.0251.0376",
		"0xa9.0xfe.0xa9.0xfe",
		"169.254.43518",
		"169.16689662",
		"169.254.169.254.nip.io",
		"[::ffff:169.254.169.254]",
		"[::ffff:a9fe:a9fe]",
		"[0:0:0:0:0:ffff:a9fe:a9fe]",
		"[fd00:ec2::254]",
		"[FD00:0EC2:0:0:0:0:0:254]",
		"metadata.google.internal",
		"Metadata.Google.Internal.",
		"metadata.goog",
		"100.100.100.200",
		"1684301000",
		"0x646464c8",
		"100.100.25800",
		"100.6579400",
		"[::ffff:6464:64c8]",
		"168.63.129.16",
		"2822734096",
		"instance-data",
	] {
		names(sprintf("http://%s/latest", [host]))
	}
}

test_places if {
	at({"command": ["curl", "http://169.254.169.254/"]}) == {["command", 1]}
	at({"entrypoint": ["sh", "-c", "wget 0xa9fea9fe"]}) == {["entrypoint", 2]}
	at({"healthcheck": {"test": ["CMD-SHELL", "curl 169.254.169.254"]}}) == {["healthcheck", "test", 1]}
	at({"extra_hosts": {"meta": ["169.254.169.254"]}}) == {["extra_hosts", "meta"]}
	at({"dns": ["169.254.169.253"]}) == {["dns", 0]}
}

test_silent if {
	at({
		"environment": {"URL": "http://10.169.254.1/", "VERSION": "1169.254.3", "DIR": "/data/instance-data", "SEED": "28520391660", "EMPTY": null},
		"extra_hosts": {"host.docker.internal": ["host-gateway"]},
		"command": ["serve", "--metadata", "x"],
	}) == set()
}
