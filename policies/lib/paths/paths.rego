# METADATA
# title: Paths inside a container
# description: >-
#   Read as the kernel reads them. A path with `..` leads somewhere that only
#   the links of the image decide, so there is no canonical form of it.
package lib.paths

import data.tables.paths as table

# canonical is an absolute path without empty and `.` steps. It is not defined
# for a path that is relative, has a step `..` or is deeper than any is.
canonical(path) := sprintf("/%s", [concat("/", steps)]) if {
	startswith(path, "/")
	steps := [step | some step in split(path, "/"); not step in {"", "."}]
	not ".." in steps
	count(steps) <= 64
}

# upwards are a canonical path and all directories above it but the root.
upwards(path) := {concat("/", array.slice(steps, 0, length)) | some length in numbers.range(2, count(steps))} if {
	steps := split(path, "/")
}

# closed says what a canonical path lies at or below, if that is not a
# template's to choose.
closed(path) := why if {
	not open(path)
	some up in upwards(head(regex.replace(path, `^/usr/local/cuda-[^/]*`, "/usr/local/cuda")))
	why := table.closed[up]
}

# head is as much of a path as the table may hold.
head(path) := concat("/", array.slice(split(path, "/"), 0, 5))

open(path) if path == table.shared_memory
