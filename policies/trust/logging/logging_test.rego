package trust.logging_test

import data.trust.logging as rule

at(service) := {array.slice(v.path, 2, count(v.path)) | some v in found} if {
	found := rule.violation with input as {"environment": "nvidia", "project": {"services": {"web": service}}}
}

option(name) := {["logging", "options", name]}

bounded(options) := at({"logging": {"options": object.union({"max-size": "10m"}, options)}})

test_drivers if {
	every driver in ["syslog", "fluentd", "gelf", "journald", "awslogs", "splunk", "etwlogs", "gcplogs", "plugin", "JSON-FILE", " local", "${PORT}"] {
		at({"logging": {"driver": driver}}) == {["logging", "driver"]}
	}
}

test_what_is_evaluated_or_repeated if {
	every name in ["tag", "env", "env-regex", "labels", "labels-regex", "mode", "max-buffer-size", "syslog-address", "cache-disabled", "Max-Size", "max-size ", ""] {
		bounded({name: "{{.ID}}"}) == option(name)
		bounded({name: "x"}) == option(name)
		at({"logging": {"driver": "local", "options": {name: "x"}}}) == option(name)
		at({"logging": {"driver": "none", "options": {name: "x"}}}) == option(name)
	}
	bounded({"compress": "{{pad .ID 900000000000 0}}"}) == option("compress")
	bounded({"max-file": "{{1}}"}) == option("max-file")
	bounded({"max-size": "{{1}}"}) == option("max-size")
}

test_values if {
	every value in ["-1", "1g", "0", "0m", "unlimited", "10", "10mb ", "1e3m", "10m\n", "٣m", "10 m", "+10m", ""] {
		bounded({"max-size": value}) == option("max-size")
	}
	every value in ["100000", "0", "-1", "", "3.0", "1e1", "03"] {
		bounded({"max-file": value}) == option("max-file")
	}
	bounded({"compress": "maybe"}) == option("compress")
}

test_bounds if {
	bounded({"max-size": "9999m", "max-file": "20"}) == option("max-size")
	bounded({"max-size": "101m"}) == option("max-size")
	bounded({"max-size": "999999999k", "max-file": "1"}) == option("max-size")
	bounded({"max-size": "1k"}) == option("max-size")
	bounded({"max-size": "999k"}) == option("max-size")
	bounded({"max-size": "1m", "max-file": "99"}) == option("max-file")
	at({"logging": {"driver": "json-file", "options": {"max-size": "501m"}}}) == option("max-size")
	at({"logging": {"driver": "local", "options": {"max-file": "21"}}}) == option("max-file")
}

test_no_bound if {
	at({"logging": {"driver": "json-file"}}) == option("max-size")
	at({"logging": {"driver": "json-file", "options": {"max-file": "3"}}}) == option("max-size")
	at({"logging": {"options": {"compress": "true"}}}) == option("max-size")
}

test_silent if {
	at({"logging": {"driver": "local", "options": {"max-size": "10m", "max-file": "3", "compress": "false"}}}) == set()
	at({"logging": {"driver": "json-file", "options": {"max-size": "500m"}}}) == set()
	at({"logging": {"driver": "json-file", "options": {"max-size": "25M", "max-file": "20"}}}) == set()
	bounded({"max-file": "10", "compress": "true"}) == set()
	at({"logging": {"driver": "local"}}) == set()
	at({"logging": {"driver": "none"}}) == set()
	at({"logging": {}}) == set()
	at({"logging": {"options": {}}}) == set()
	at({"image": "x"}) == set()
}
