package lib.paths_test

import data.lib.paths

test_canonical if {
	paths.canonical("/") == "/"
	paths.canonical("//a/./b//") == "/a/b"
	paths.canonical("/a..b/...") == "/a..b/..."
	every path in ["", "a", "./a", "/a/..", "/../a", "..", "/a/../b", "/./.."] {
		not paths.canonical(path)
	}
	deep := concat("/", [step | some i in numbers.range(0, 64); step := substring("/a", min([i, 1]), 1)])
	not paths.canonical(concat("/", ["", deep, "a"]))
}

test_upwards if {
	paths.upwards("/") == {"/"}
	paths.upwards("/a/b/c") == {"/a", "/a/b", "/a/b/c"}
}

test_closed if {
	every path in ["/dev", "/dev/null", "/dev/shm/x", "/proc/self/fd/8", "/sys/fs", "/etc/hosts", "/usr/lib/x", "/usr/local/cuda-12.4/compat", "/usr/local/cuda/lib64"] {
		paths.closed(path)
	}
	every path in ["/", "/dev/shm", "/device", "/etc", "/etc/nginx", "/usr", "/usr/local/lib", "/data/dev", "/procs", "/libs"] {
		not paths.closed(path)
	}
}

# Each key of the table is what a path is compared with.
test_table_is_canonical if {
	every path, why in data.tables.paths.closed {
		paths.canonical(path) == path
		paths.head(path) == path
		is_string(why)
	}
}
