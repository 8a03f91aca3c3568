package trust["extra-hosts_test"]

import data.trust["extra-hosts"] as rule

at(service) := {array.slice(v.path, 2, count(v.path)) | some v in found} if {
	found := rule.violation with input as {"environment": "nvidia", "project": {"services": {"web": service}}}
}

test_fires if {
	at({"extra_hosts": {"api.example.com": ["10.0.0.1"], "host.docker.internal": ["host-gateway"]}}) == {["extra_hosts", "api.example.com"]}
	at({"extra_hosts": {"other": ["host-gateway"]}}) == {["extra_hosts", "other"]}
	at({"extra_hosts": {"host.docker.internal": ["host-gateway", "10.0.0.1"]}}) == {["extra_hosts", "host.docker.internal"]}
}

test_silent if {
	at({"extra_hosts": {"host.docker.internal": ["host-gateway"]}}) == set()
	at({"image": "x"}) == set()
}
