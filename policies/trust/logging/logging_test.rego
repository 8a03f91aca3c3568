package trust.logging_test

import data.trust.logging as rule

at(service) := {array.slice(v.path, 2, count(v.path)) | some v in found} if {
	found := rule.violation with input as {"environment": "nvidia", "project": {"services": {"web": service}}}
}

test_drivers if {
	every driver in ["syslog", "fluentd", "gelf", "journald", "awslogs", "splunk", "etwlogs", "gcplogs", "plugin"] {
		at({"logging": {"driver": driver}}) == {["logging", "driver"]}
	}
}

test_options if {
	at({"logging": {"options": {"syslog-address": "tcp://10.0.0.1", "max-size": "10m"}}}) == {["logging", "options", "syslog-address"]}
}

test_bounds if {
	every value in ["-1", "1g", "0", "unlimited"] {
		at({"logging": {"options": {"max-size": value}}}) == {["logging", "options", "max-size"]}
	}
	at({"logging": {"options": {"max-file": "100000"}}}) == {["logging", "options", "max-file"]}
	at({"logging": {"options": {"mode": "non-blocking", "max-buffer-size": "1000g"}}}) == {["logging", "options", "mode"], ["logging", "options", "max-buffer-size"]}
}

test_silent if {
	at({"logging": {"driver": "local", "options": {"max-size": "10m", "max-file": "3"}}}) == set()
	at({"logging": {"driver": "json-file"}}) == set()
	at({"logging": {"driver": "none"}}) == set()
	at({"image": "x"}) == set()
}
