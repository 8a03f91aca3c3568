package trust.dns_test

import data.trust.dns as rule

at(service) := {array.slice(v.path, 2, count(v.path)) | some v in found} if {
	found := rule.violation with input as {"environment": "nvidia", "project": {"services": {"web": service}}}
}

test_fires if {
	at({"dns": ["8.8.8.8", "1.1.1.1"]}) == {["dns", 0], ["dns", 1]}
	at({"dns_opt": ["ndots:0"], "dns_search": ["."]}) == {["dns_opt", 0], ["dns_search", 0]}
	at({"domainname": "corp.local"}) == {["domainname"]}
}

test_silent if {
	at({"hostname": "web", "dns": []}) == set()
	at({"domainname": ""}) == set()
}
