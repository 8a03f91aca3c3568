package trust.runtime_test

import data.trust.runtime as rule

at(service) := {array.slice(v.path, 2, count(v.path)) | some v in found} if {
	found := rule.violation with input as {"environment": "nvidia", "project": {"services": {"web": service}}}
}

test_fires if {
	every runtime in ["nvidia", "sysbox-runc", "/usr/bin/crun"] {
		at({"runtime": runtime}) == {["runtime"]}
	}
}

test_silent if {
	at({"runtime": "runc"}) == set()
	at({"image": "x"}) == set()
}
