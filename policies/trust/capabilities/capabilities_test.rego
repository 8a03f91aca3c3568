package trust.capabilities_test

import data.trust.capabilities as rule

at(service) := {array.slice(v.path, 2, count(v.path)) | some v in found} if {
	found := rule.violation with input as {"environment": "nvidia", "project": {"services": {"web": service}}}
}

test_dangerous_and_unknown if {
	at({"cap_add": ["SYS_ADMIN", "CHOWN", "ALL", "NET_RAW", "NO_SUCH", ""]}) == {
		["cap_add", 0],
		["cap_add", 2],
		["cap_add", 3],
		["cap_add", 4],
		["cap_add", 5],
	}
}

test_short_list if {
	at({"cap_add": ["CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "NET_BIND_SERVICE", "SETGID", "SETUID"]}) == set()
	at({"cap_drop": ["ALL"]}) == set()
}
