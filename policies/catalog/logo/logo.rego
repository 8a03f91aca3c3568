# METADATA
# title: Logo that cannot be shown
# description: >-
#   The logo's address is published with the source, and front ends show it small and square. A file that is missing, large,
#   or of another kind shows as a gap.
# custom:
#   severity: warning
#   waivable: true
#   subject: template
#   remediation: Put a square SVG, or a PNG of 64 to 2048 pixels, of at most 256 KiB into the folder and name it in `logo`.
package catalog.logo

largest := 262144

violation contains {"path": ["logo"], "message": message} if {
	input.template.manifest
	message := problem(object.get(input.template.manifest, "logo", ""))
}

problem("") := "the template has no logo"

problem(name) := sprintf("the logo %q is not in the template's folder", [name]) if {
	name != ""
	count(files(name)) == 0
} else := sprintf("the logo %q is larger than %d KiB", [name, largest / 1024]) if {
	some file in files(name)
	file.size > largest
} else := sprintf("the logo %q is neither an SVG nor a PNG", [name]) if {
	name != ""
	not input.template.logo
} else := sprintf("the logo %q is %d by %d pixels, which is not square", [name, logo.width, logo.height]) if {
	logo := input.template.logo
	min([logo.width, logo.height]) > 0
	max([logo.width, logo.height]) * 4 > min([logo.width, logo.height]) * 5
} else := sprintf("the logo %q is %d pixels wide: a PNG has 64 to 2048", [name, logo.width]) if {
	logo := input.template.logo
	logo.format == "png"
	outside(logo.width)
}

files(name) := [file | some file in input.template.files; file.path == name; file.kind == "file"]

outside(width) if width < 64

outside(width) if width > 2048
