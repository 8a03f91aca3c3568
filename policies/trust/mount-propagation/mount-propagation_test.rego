package trust["mount-propagation_test"]

import data.trust["mount-propagation"] as rule

at(service) := {array.slice(v.path, 2, count(v.path)) | some v in found} if {
	found := rule.violation with input as {"environment": "nvidia", "project": {"services": {"web": service}}}
}

bind(options) := at({"volumes": [{"type": "bind", "source": "/x", "target": "/x", "bind": options}]})

test_options if {
	every mode in ["shared", "rshared", "slave", "rslave", "unknown"] {
		bind({"propagation": mode}) == {["volumes", 0, "bind", "propagation"]}
	}
	bind({"selinux": "z"}) == {["volumes", 0, "bind", "selinux"]}
	bind({"recursive": "writable"}) == {["volumes", 0, "bind", "recursive"]}
}

test_silent if {
	bind({"propagation": "rprivate", "create_host_path": true}) == set()
	bind({"propagation": "private", "recursive": "disabled"}) == set()
	at({"volumes": [{"type": "volume", "source": "cache", "target": "/x"}]}) == set()
}
