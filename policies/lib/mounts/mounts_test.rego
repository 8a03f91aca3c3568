package lib.mounts_test

import data.lib.mounts

test_every_kind if {
	all := mounts.mounts with input as {"project": {"services": {"web": {
		"volumes": [{"type": "volume", "source": "v", "target": "/a"}, {"type": "bind", "source": "/x", "target": "/b"}, {"type": "tmpfs", "target": "/c"}],
		"tmpfs": ["/d", "/e:size=1m"],
		"configs": [{"source": "f"}, {"source": "x", "target": "/g"}, {"source": "x", "target": "../h"}],
		"secrets": [{"source": "i"}, {"source": "x", "target": "/j"}, {"source": "x", "target": "../k"}],
	}}}}
	{m.target | some m in all} == {
		"/a", "/b", "/c", "/d", "/e", "/f", "/g", "/../h",
		"/run/secrets/i", "/j", "/run/secrets/../k",
	}
	{m.source | some m in all} == {"v", ""}
	every m in all {
		m.service == "web"
	}
}
