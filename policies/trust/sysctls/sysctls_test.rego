package trust.sysctls_test

import data.trust.sysctls as rule

at(service) := {array.slice(v.path, 2, count(v.path)) | some v in found} if {
	found := rule.violation with input as {"environment": "nvidia", "project": {"services": {"web": service}}}
}

test_fires if at({"sysctls": {"net.core.somaxconn": "1", "kernel.shm_rmid_forced": "0"}}) == {["sysctls", "net.core.somaxconn"], ["sysctls", "kernel.shm_rmid_forced"]}

test_silent if at({"sysctls": {}}) == set()
