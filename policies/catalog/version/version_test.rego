package catalog.version_test

import data.catalog.version as rule

fires(version) if {
	count(rule.violation) == 1 with input as {"template": {"manifest": {"version": version}}}
}

test_silent if {
	every version in ["0.0.1", "1.2.3", "1.0.0-rc.1", "10.20.30"] {
		not fires(version)
	}
	rule.violation == set() with input as {"template": {"manifest": {}}}
}

test_fires if {
	every version in ["1.0", "v1.0.0", "01.0.0", "1.0.0-01", "1.0.0+5", "0.0.0", "0.0.0-rc.1", "1.0.0-", "latest", ""] {
		fires(version)
	}
}
