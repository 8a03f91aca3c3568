package trust["hook-environment_test"]

import data.trust["hook-environment"] as rule

names(service) := {v.path[count(v.path) - 1] | some v in found} if {
	found := rule.violation with input.project.services as {"web": service}
}

loader := {
	"LD_PRELOAD": "/x.so",
	"LD_LIBRARY_PATH": "",
	"LD_AUDIT": "x",
	"LD_": "x",
	"LD_BIND_NOW": "1",
	"GLIBC_TUNABLES": "x",
	"GCONV_PATH": "x",
	"LOCPATH": "x",
	"NLSPATH": "x",
	"MALLOC_CHECK_": "3",
	"HOSTALIASES": "x",
	"BASH_ENV": "x",
	"PERL5OPT": "-Mx",
}

test_fires_with_a_device if {
	every service in [
		{"gpus": [{"count": 1}]},
		{"deploy": {"resources": {"reservations": {"devices": [{"capabilities": ["tpu"]}]}}}},
		{"devices": [{"source": "/dev/kfd"}]},
		{"devices": [{"source": "vendor.com/npu=0"}]},
		{"runtime": "habana"},
		{"environment": {"NVIDIA_VISIBLE_DEVICES": "all"}},
	] {
		names(object.union(service, {"environment": object.union(loader, object.get(service, "environment", {}))})) == object.keys(loader)
	}
}

test_fires_on_own_files if {
	every value in ["/proc/self/cwd/x.so", "x:/proc//self/./root/x", "/proc/thread-self/fd/3", "/proc/1/root/x", "/proc/self/task/1/cwd"] {
		names({"environment": {"LD_PRELOAD": value, "CONFIG": value}}) == {"LD_PRELOAD"}
		names({"gpus": [{"count": 1}], "environment": {"CONFIG": value}}) == {"CONFIG"}
	}
}

test_hooks if names({"gpus": [{}], "post_start": [{"environment": {"LD_PRELOAD": "x"}}]}) == {"LD_PRELOAD"}

test_silent if {
	names({"environment": loader}) == set()
	names({"gpus": [{"count": 1}], "environment": {
		"LDAP": "x",
		"ld_preload": "x",
		"BUILD_PATH": "x",
		"MALLOC_ARENA_MAX": "2",
		"STATUS": "/proc/self/status",
		"MEM": "/proc/meminfo",
		"TZ": "UTC",
		"LANG": "C",
		"PYTHONPATH": "/app",
		"CUDA_VISIBLE_DEVICES": "0",
	}}) == set()
	names({"gpus": [], "devices": [], "environment": {"LD_PRELOAD": "libtcmalloc.so.4"}}) == set()
}
