package catalog.logo_test

import data.catalog.logo as rule

messages(file, logo) := found if {
	template := {"manifest": {"logo": "logo.svg"}, "files": [file], "logo": logo}
	found := {v.message | some v in rule.violation} with input as {"template": template}
}

file := {"path": "logo.svg", "kind": "file", "size": 1000}

svg := {"format": "svg", "width": 128, "height": 128}

test_silent if {
	messages(file, svg) == set()
	messages(file, {"format": "svg", "width": 0, "height": 0}) == set()
	messages(file, {"format": "svg", "width": 100, "height": 120}) == set()
	messages(file, {"format": "png", "width": 512, "height": 512}) == set()
}

test_missing if {
	none := {v.message | some v in rule.violation} with input as {"template": {"manifest": {}}}
	none == {"the template has no logo"}
	messages(object.union(file, {"path": "logo.png"}), svg) == {`the logo "logo.svg" is not in the template's folder`}
	messages(object.union(file, {"kind": "symlink"}), svg) == {`the logo "logo.svg" is not in the template's folder`}
}

test_large if messages(object.union(file, {"size": 300000}), svg) == {`the logo "logo.svg" is larger than 256 KiB`}

test_no_picture if {
	template := {"manifest": {"logo": "logo.svg"}, "files": [file]}
	found := {v.message | some v in rule.violation} with input as {"template": template}
	found == {`the logo "logo.svg" is neither an SVG nor a PNG`}
}

test_shape if {
	messages(file, {"format": "svg", "width": 200, "height": 100}) == {`the logo "logo.svg" is 200 by 100 pixels, which is not square`}
	messages(file, {"format": "png", "width": 16, "height": 16}) == {`the logo "logo.svg" is 16 pixels wide: a PNG has 64 to 2048`}
	messages(file, {"format": "png", "width": 4096, "height": 4096}) == {`the logo "logo.svg" is 4096 pixels wide: a PNG has 64 to 2048`}
}
