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

test_tmpfs_options if {
	every option in [
		"shared",
		"rshared",
		"rslave",
		"bind",
		"rbind",
		"remount",
		"suid",
		"dev",
		"size=1g,suid",
		"size=",
		"size=-1",
		"size=1x",
		"SIZE=1g",
		"mode=9",
		"uid=root",
		"nr_inodes=0",
		"mpol=bind:0",
		"huge=always",
		" exec",
		"exec:suid",
		"${PORT}",
	] {
		at({"tmpfs": ["/tmp", sprintf("/x:%s", [option])]}) == {["tmpfs", 1]}
	}
	at({"tmpfs": ["/tmp", "/x:", "/x:size=64m,mode=1777,exec,uid=1000,gid=1000", "/y:size=50%", "/z:ro,noexec,nosuid,nodev", "/w:size=1gb,nr_inodes=10k"]}) == set()
}

test_silent if {
	bind({"propagation": "rprivate", "create_host_path": true}) == set()
	bind({"propagation": "private", "recursive": "disabled"}) == set()
	at({"volumes": [{"type": "volume", "source": "cache", "target": "/x"}]}) == set()
}
