package catalog.license_test

import data.catalog.license as rule

fires(license) if {
	found := {v.path | some v in rule.violation} with input as {"template": {"manifest": {"license": license}}}
	found == {["license"]}
}

test_silent if {
	every license in ["Apache-2.0", "MIT OR Apache-2.0", "GPL-2.0-only WITH Classpath-exception-2.0", "LicenseRef-Our-Own"] {
		not fires(license)
	}
	rule.violation == set() with input as {"template": {"manifest": {}}}
}

test_fires if {
	every license in ["Apache", "apache-2.0", "MIT or Apache-2.0", "none", ""] {
		fires(license)
	}
}
