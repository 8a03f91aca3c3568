package trust["mount-target_test"]

import data.trust["mount-target"] as rule

found(services) := paths if {
	paths := {v.path | some v in rule.violation} with input.project.services as services
}

at(service) := {array.slice(path, 2, count(path)) | some path in found({"web": service})}

wrong := [
	"/dev",
	"/dev/",
	"//dev",
	"/./dev/.",
	"/dev/null",
	"/dev/shm/x",
	"/dev/mqueue",
	"/proc",
	"/proc/self/attr",
	"/sys/fs/cgroup",
	"/etc/hosts",
	"/etc/resolv.conf",
	"/etc",
	"/usr",
	"/usr/local",
	"/usr/lib/x86_64-linux-gnu",
	"/lib64",
	"/sbin",
	"/usr/local/cuda-12.4/compat",
	"/etc/ld.so.conf.d/x.conf",
	"/",
	"//",
	"",
	"dev",
	"./dev",
	"/x/../dev",
	"/..",
	" /dev",
]

test_volumes if {
	every target in wrong {
		every type in ["volume", "tmpfs", "bind", "image", "npipe", "cluster"] {
			at({"volumes": [{"type": type, "source": "v", "target": target}]}) == {["volumes", 0, "target"]}
		}
	}
}

test_tmpfs if {
	every target in wrong {
		at({"tmpfs": ["/tmp", sprintf("%s:size=1m", [target])]}) == {["tmpfs", 1]}
	}
	at({"tmpfs": ["/proc"]}) == {["tmpfs", 0]}
}

test_configs_and_secrets if {
	at({"configs": [{"source": "proc"}, {"source": "x", "target": "dev/x"}, {"source": "x", "target": "../dev/x"}]}) == {
		["configs", 0, "target"],
		["configs", 1, "target"],
		["configs", 2, "target"],
	}
	at({"configs": [{"source": "x", "target": "/etc/hosts"}, {"source": "x", "target": "/etc/nginx/nginx.conf"}]}) == {["configs", 0, "target"]}
	at({"secrets": [{"source": "x", "target": "../../dev/x"}, {"source": "x", "target": "/sys/x"}, {"source": "x"}]}) == {
		["secrets", 0, "target"],
		["secrets", 1, "target"],
	}
}

volume(source, target) := {"type": "volume", "source": source, "target": target}

test_shared if {
	web := {"volumes": [volume("v", "/data"), volume("w", "/data/in")]}
	here := {["services", "web", "volumes", 1, "target"]}
	found({"web": web, "other": {"volumes": [volume("v", "/x")]}}) == here
	found({"web": object.union(web, {"scale": 2})}) == here
	found({"web": {"volumes": [volume("v", "/data//")], "tmpfs": ["/data/./in/deep"]}, "other": {"volumes": [volume("v", "/x")]}}) == {["services", "web", "tmpfs", 0]}
	found({"web": {"volumes": [volume("v", "/data"), volume("v", "/data/v")]}, "other": {"volumes": [volume("v", "/x")]}}) == here

	# The same target twice is for others to refuse, and no error here.
	found({"web": {"volumes": [volume("v", "/data"), volume("w", "/data"), volume("x", "/data/in")]}, "other": {"volumes": [volume("v", "/x"), volume("w", "/y")]}}) == {["services", "web", "volumes", 2, "target"]}
}

test_shared_below_what_a_toolkit_mounts if {
	gpu := {"gpus": [{"count": 1}], "volumes": [volume("v", "/run")]}
	found({"web": gpu, "other": {"volumes": [volume("v", "/x")]}}) == {["services", "web", "volumes"]}
	found({"web": gpu}) == set()
	found({"web": {"volumes": [volume("v", "/run")]}, "other": {"volumes": [volume("v", "/x")]}}) == set()
}

test_silent if {
	at({"tmpfs": ["/tmp", "/run:size=1m", "/dev/shm"], "configs": [{"source": "settings"}]}) == set()
	at({"volumes": [volume("v", "/dev/shm"), volume("v", "/root/.cache"), volume("v", "/etc/app"), volume("v", "/usr/local/lib/x"), volume("v", "/device"), volume("v", "/var/lib/x")]}) == set()
	found({"a": {"volumes": [volume("v", "/data"), volume("w", "/data/in")]}, "b": {"volumes": [volume("w", "/w")]}}) == set()
	found({"a": {"volumes": [volume("v", "/data"), volume("w", "/data/in")]}, "b": {"volumes": [object.union(volume("v", "/v"), {"read_only": true})]}}) == set()
	found({"a": {"volumes": [volume("v", "/data"), volume("w", "/database")]}, "b": {"volumes": [volume("v", "/v")]}}) == set()
}
