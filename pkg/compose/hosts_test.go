package compose

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

func hostsOf(text string) (addresses, names []string) {
	p := &Project{Model: map[string]any{"services": map[string]any{"web": map[string]any{"command": []any{text}}}}}
	h := p.Hosts()
	return slices.Sorted(maps.Keys(h.Addresses)), slices.Sorted(maps.Keys(h.Names))
}

func TestHostsReadAddresses(t *testing.T) {
	for text, want := range map[string]string{
		"169.254.169.254":                                 "169.254.169.254",
		"http://169.254.169.254:80/latest":                "169.254.169.254",
		"2852039166":                                      "169.254.169.254",
		"0xA9FEA9FE":                                      "169.254.169.254",
		"0x00000000a9fea9fe":                              "169.254.169.254",
		"025177524776":                                    "169.254.169.254",
		"00000025177524776":                               "169.254.169.254",
		"0251.0376.0251.0376":                             "169.254.169.254",
		"0xa9.254.0251.0xfe":                              "169.254.169.254",
		"169.254.43518":                                   "169.254.169.254",
		"169.16689662":                                    "169.254.169.254",
		"425.510.425.510":                                 "169.254.169.254",
		"１６９.２５４.１６９.２５４":                                 "169.254.169.254",
		"169。254。169。254":                                 "169.254.169.254",
		"169．254．169．254":                                 "169.254.169.254",
		"①⑥⑨.254.169.254":                                 "169.254.169.254",
		"http://%31%36%39.254.169.254/":                   "169.254.169.254",
		"http://%2531%2536%2539.254.169.254/":             "169.254.169.254",
		`"\x31\x36\x39.254.169.254"`:                      "169.254.169.254",
		`\u0031\u0036\u0039.254.169.254`:                  "169.254.169.254",
		`\061\066\071.254.169.254`:                        "169.254.169.254",
		`curl 169.254."169".2'5'4`:                        "169.254.169.254",
		`16\9.254.169.254`:                                "169.254.169.254",
		"169.254.169.254.nip.io":                          "169.254.169.254",
		"169-254-169-254.nip.io":                          "169.254.169.254",
		"www-169-254-169-254.example.com":                 "169.254.169.254",
		"app.169.254.169.254.sslip.io.":                   "169.254.169.254",
		"a9fea9fe.nip.io":                                 "169.254.169.254",
		"A9FEA9FE.7f000001.rbndr.us":                      "127.0.0.1 169.254.169.254",
		"[::ffff:169.254.169.254]":                        "169.254.169.254",
		"[::ffff:a9fe:a9fe]:80":                           "169.254.169.254",
		"[0:0:0:0:0:ffff:a9fe:a9fe]":                      "169.254.169.254",
		"[::a9fe:a9fe]":                                   "169.254.169.254 ::a9fe:a9fe",
		"[64:ff9b::a9fe:a9fe]":                            "169.254.169.254 64:ff9b::a9fe:a9fe",
		"[2002:a9fe:a9fe::1]":                             "169.254.169.254 2002:a9fe:a9fe::1",
		"[fe80::5efe:a9fe:a9fe]":                          "169.254.169.254 fe80::5efe:a9fe:a9fe",
		"[FD00:0EC2:0:0:0:0:0:254]":                       "fd00:ec2::254",
		"[fd00:42::42%25eth0]":                            "fd00:42::42",
		"fd00:42::42":                                     "fd00:42::42",
		"meta:fd00:42::42":                                "fd00:42::42",
		"fd00-ec2--254.sslip.io":                          "fd00:ec2::254",
		"user@169.254.169.254":                            "169.254.169.254",
		"--add-host=meta:169.254.169.254":                 "169.254.169.254",
		"http://example.com?next=http%3A%2F%2F2852039166": "169.254.169.254",
	} {
		addresses, _ := hostsOf(text)
		for address := range strings.FieldsSeq(want) {
			if !slices.Contains(addresses, address) {
				t.Errorf("%q names %v, want %s", text, addresses, address)
			}
		}
	}
}

// What comes close to an address, or is none that leads anywhere.
func TestHostsReadNoAddresses(t *testing.T) {
	for _, text := range []string{
		"5555", "8080:80", "1234567", "0.5", "python:alpine", "1169.254.x.3", "28520391660", "2852039166x",
		"a9fea9fe", "a9fea9fe00.nip.io", "12:30:45", "std::vector", "a:b:c", "::", "", "1e9", "v1.2.3", "--", "08", "0x", "0xg.1.1.1",
	} {
		if addresses, _ := hostsOf(text); len(addresses) > 0 {
			t.Errorf("%q names %v", text, addresses)
		}
	}
}

func TestHostsReadNames(t *testing.T) {
	for text, want := range map[string]string{
		"http://Metadata.Google.Internal./x": "metadata.google.internal",
		"http://metadata/computeMetadata":    "metadata",
		"http://metadata:80/":                "metadata",
		"http://user:x@metadata/":            "metadata user",
		"metadata":                           "",
		"--metadata x":                       "",
		"http://%6detadata/":                 "metadata",
		"http://ｍetadata/":                   "metadata",
		`"http://meta""data/"`:               "meta metadata",
		"metadata。google。internal":           "metadata.google.internal",
		"curl a.example b.example":           "a.example b.example",
	} {
		if _, names := hostsOf(text); strings.Join(names, " ") != want {
			t.Errorf("%q names %v, want %q", text, names, want)
		}
	}
}

// A mention says where, also for keys.
func TestHostsSayWhere(t *testing.T) {
	p := &Project{Model: map[string]any{"services": map[string]any{"web": map[string]any{
		"extra_hosts": map[string]any{"meta.example": []any{"0xa9fea9fe"}},
	}}}}
	h := p.Hosts()
	if m := h.Addresses["169.254.169.254"]; len(m) != 1 || m[0].Written != "0xa9fea9fe" || !slices.Equal(m[0].Path, []any{"services", "web", "extra_hosts", "meta.example", 0}) {
		t.Errorf("mentions are %+v", m)
	}
	if m := h.Names["meta.example"]; len(m) != 1 || !slices.Equal(m[0].Path, []any{"services", "web", "extra_hosts", "meta.example"}) {
		t.Errorf("mentions are %+v", m)
	}
}

// A default counts although the model has the variable.
func TestHostsReadDefaults(t *testing.T) {
	p := &Project{Variables: []Variable{{Name: "SOURCE_ADDRESS", Default: "2852039166", Path: []any{"x"}}}}
	if m := p.Hosts().Addresses["169.254.169.254"]; len(m) != 1 || !slices.Equal(m[0].Path, []any{"x"}) {
		t.Errorf("mentions are %+v", m)
	}
}

// No text makes the reader work more than its length asks for: four times the
// text is no more than about four times the allocations.
func FuzzHosts(f *testing.F) {
	for _, seed := range []string{
		"169-254-169-254.nip.io", "[fd00:42::42]:80", "1.2.3.4.5.6.7.8", "a-b-c-d-e.f", ":::::::", "%31%25%32", `\061"'`, "0xa9fea9fe", "１６９", "//a@b:c",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		work := func(times int) float64 {
			long := strings.Repeat(text, times)
			return testing.AllocsPerRun(1, func() { hostsOf(long) })
		}
		if len(text) < 4096 {
			if once, more := work(8), work(32); more > 8*once+1000 {
				t.Errorf("%d allocations for eight times %q, %d for 32 times", int(once), text, int(more))
			}
		}
		addresses, names := hostsOf(text)
		for _, host := range append(addresses, names...) {
			if host == "" || len(host) > maxHost {
				t.Errorf("%q names %q", text, host)
			}
		}
	})
}
