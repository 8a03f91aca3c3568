# Questions about a project that several rules ask. What it says in words is in
# texts.rego.
package lib.compose

# pieces are the values of settings, the words of commands and the inline
# configs, each with the path to it. Look into the haystack first.
pieces := array.concat(
	[{"path": setting.path, "text": setting.value} | some setting in settings],
	array.concat(
		[{"path": array.concat(command.path, [i]), "text": word} | some command in commands; some i, word in command.words],
		contents,
	),
)

# root_user is true when `user` means root: no name at all, root, or a number
# that is zero however it is written.
root_user(user) if split(user, ":")[0] in {"", "root"}

root_user(user) if regex.match(`^[+-]?0+(:|$)`, user)

# clean drops empty and `.` steps from a path. A path with `..` keeps it: no rule
# takes such a path for the one that it leads to.
clean(path) := cleaned if {
	cleaned := concat("/", [step | some i, step in split(path, "/"); not idle(i, step)])
	cleaned != ""
} else := "/"

idle(i, step) if {
	i > 0
	step in {"", "."}
}
