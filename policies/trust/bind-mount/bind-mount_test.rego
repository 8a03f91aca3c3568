package trust["bind-mount_test"]

import data.trust["bind-mount"] as rule

at(service) := {array.slice(v.path, 2, count(v.path)) | some v in found} if {
	found := rule.violation with input as {"environment": "nvidia", "project": {"services": {"web": service}}}
}

mounts(volume) := at({"volumes": [volume]})

test_binds if {
	every source in ["/", "/etc", "./data", "../x", "~/.ssh", `C:\Users`] {
		mounts({"type": "bind", "source": source, "target": "/x"}) == {["volumes", 0, "source"]}
	}
}

test_paths_as_volume_names if {
	every source in ["/etc", ".", "~", "a/b", `a\b`] {
		mounts({"type": "volume", "source": source, "target": "/x"}) == {["volumes", 0, "source"]}
	}
}

test_other_types if {
	every type in ["npipe", "cluster", "image", "unknown"] {
		mounts({"type": type, "source": "x", "target": "/x"}) == {["volumes", 0, "source"]}
	}
	mounts({}) == {["volumes", 0, "source"]}
}

test_own_data if {
	mounts({"type": "volume", "source": "cache", "target": "/x"}) == set()
	mounts({"type": "volume", "target": "/x"}) == set()
	mounts({"type": "tmpfs", "target": "/tmp"}) == set()
}
