package trust["working-directory_test"]

import data.trust["working-directory"] as rule

fires(directory) if {
	found := {v.path | some v in rule.violation} with input.project.services as {"web": {"working_dir": directory}}
	found == {["services", "web", "working_dir"]}
}

test_fires if {
	every directory in [
		"/proc/self/fd/8",
		"/proc/thread-self/fd/8",
		"/proc/1/cwd",
		"/proc",
		"//proc//self/./fd/8",
		"/./proc/self/fd/8/",
		"/app/../proc/self/fd/8",
		"/app/..",
		"/dev/fd/8",
		"/dev",
		"/dev/shm/../fd/8",
		"/sys/fs/cgroup",
		"proc/self/fd/8",
		"./app",
		".",
		"..",
		" /proc/self/fd/8",
		"${PORT}",
		"$$HOME",
		"C:\\proc",
		"~",
	] {
		fires(directory)
	}
}

test_hooks if {
	found := {v.path | some v in rule.violation} with input.project.services as {"web": {
		"pre_start": [{"working_dir": "/proc/self"}],
		"post_start": [{"command": ["x"]}, {"working_dir": "/proc/self"}],
		"pre_stop": [{"working_dir": "/app"}],
	}}
	found == {["services", "web", "pre_start", 0, "working_dir"], ["services", "web", "post_start", 1, "working_dir"]}
}

test_silent if {
	every directory in ["", "/", "/app", "/app/", "/home/user/dev", "/process", "/srv/proc/sys", "/dev/shm", "/dev/shm/work", "/a..b", "/opt/$$x"] {
		not fires(directory)
	}
}
