package lib.compose_test

import data.lib.compose

test_pieces_of_services_hooks_and_configs if {
	given := {"project": {
		"services": {"web": {
			"command": ["a"],
			"entrypoint": ["b"],
			"environment": {"C": "c", "BARE": null},
			"healthcheck": {"test": ["CMD", "d"]},
			"post_start": [{"command": ["e"], "environment": {"F": "f", "BARE": null}}],
		}},
		"configs": {"settings": {"content": "g"}},
	}}
	pieces := compose.pieces with input as given
	{piece.text | some piece in pieces} == {"a", "b", "c", "CMD", "d", "e", "f", "g"}
	{"path": ["services", "web", "post_start", 0, "command", 0], "text": "e"} in pieces
	{"path": ["configs", "settings", "content"], "text": "g"} in pieces
}

test_root_in_any_spelling if {
	every user in ["", ":1000", "root", "root:x", "0", "0:0", "00", "+0", "-0:5"] {
		compose.root_user(user)
	}
	every user in ["1000", "1000:0", "10", "nobody", "rooted", "0x"] {
		not compose.root_user(user)
	}
}

test_clean_paths if {
	compose.clean("/") == "/"
	compose.clean("//") == "/"
	compose.clean("/./") == "/"
	compose.clean("/dev//./dri/") == "/dev/dri"
	compose.clean("/dev/../dev/kfd") == "/dev/../dev/kfd"
	compose.clean("vendor.com/gpu=all") == "vendor.com/gpu=all"
}
