package catalog.homepage_test

import data.catalog.homepage as rule

fires(manifest) if {
	found := {v.path | some v in rule.violation} with input as {"template": {"manifest": manifest}}
	found == {["homepage"]}
}

test_silent if {
	not fires({"homepage": "https://github.com/OpenGPU-Network/x"})
	not fires({"homepage": "https://example.com"})
}

test_fires if {
	every homepage in ["http://example.com", "https://localhost/x", "https://user@example.com/", "https://", "ftp://example.com"] {
		fires({"homepage": homepage})
	}
	fires({})
}
