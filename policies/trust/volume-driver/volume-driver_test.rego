package trust["volume-driver_test"]

import data.trust["volume-driver"] as rule

at(project) := {v.path | some v in found} if {
	found := rule.violation with input as {"environment": "nvidia", "project": project}
}

volume(body) := at({"volumes": {"v": body}})

test_drivers if {
	volume({"driver": "vieux/sshfs"}) == {["volumes", "v", "driver"]}
	volume({"driver": "Local"}) == {["volumes", "v", "driver"]}
}

test_options if {
	volume({"driver_opts": {"type": "none", "o": "bind", "device": "/etc"}}) == {["volumes", "v", "driver_opts", "device"]}
	volume({"driver_opts": {"type": "overlay", "o": "lowerdir=/etc,upperdir=/x,workdir=/y"}}) == {["volumes", "v", "driver_opts", "o"]}
	volume({"driver_opts": {"type": "proc", "device": "proc"}}) == {["volumes", "v", "driver_opts", "device"]}
	volume({"driver_opts": {"type": "nfs", "o": "addr=10.0.0.1", "device": ":/x"}}) == {["volumes", "v", "driver_opts", "device"]}
	volume({"driver_opts": {"type": "cifs", "device": "//host/share"}}) == {["volumes", "v", "driver_opts", "device"]}
	volume({"driver_opts": {"mountpoint": "/etc"}}) == {["volumes", "v", "driver_opts"]}
}

test_tmpfs_with_tricks if {
	volume({"driver_opts": {"type": "tmpfs", "device": "/etc", "o": "bind"}}) == {["volumes", "v", "driver_opts", "device"]}
	volume({"driver_opts": {"type": "tmpfs", "device": "tmpfs", "o": "size=1g,bind"}}) == {["volumes", "v", "driver_opts", "device"]}
	volume({"driver_opts": {"type": "tmpfs", "other": "x"}}) == {["volumes", "v", "driver_opts"]}
}

test_plain if {
	volume({}) == set()
	volume({"driver": "local"}) == set()
	volume({"driver_opts": {}}) == set()
	volume({"driver": "local", "driver_opts": {"type": "tmpfs", "device": "tmpfs", "o": "size=1g,mode=1777,noexec"}}) == set()
	volume({"driver_opts": {"type": "tmpfs", "o": "size=268435456,nr_inodes=10k"}}) == set()
}

# Half of the host's memory, outside of all limits.
test_memory_without_a_size if {
	volume({"driver_opts": {"type": "tmpfs"}}) == {["volumes", "v", "driver_opts"]}
	every flags in ["mode=1777", "size=50%", "size=0", "size=", "size=17g", "size=17000m", "size=1g,size=999g", "size=1t", "size=1g,nr_inodes=0", "SIZE=1g", "size=1g,nr_blocks=0"] {
		volume({"driver_opts": {"type": "tmpfs", "o": flags}}) == {["volumes", "v", "driver_opts", "o"]}
	}
}

memory(size) := {"driver_opts": {"type": "tmpfs", "device": "tmpfs", "o": size}}

test_memory_together if {
	at({"volumes": {"a": memory("size=9g"), "b": memory("size=8g")}}) == {["volumes"]}
	at({"volumes": {"a": memory("size=8g"), "b": memory("size=8192m")}}) == set()
}
