package fetch

import (
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

func TestCheckURL(t *testing.T) {
	for rawURL, want := range map[string]Kind{
		"https://example.com":                             "",
		"https://example.com:8443/a/b?c=d#e":              "",
		"https://1.1.1.1/":                                "",
		"https://[2606:4700::1111]/":                      "",
		"HTTPS://EXAMPLE.com./":                           "",
		"https://a_b.example.com/":                        "",
		"http://example.com/":                             NotHTTPS,
		"ftp://example.com/":                              NotHTTPS,
		"file:///etc/passwd":                              NotHTTPS,
		"//example.com/":                                  NotHTTPS,
		"example.com":                                     NotHTTPS,
		"":                                                NotHTTPS,
		"https:example.com":                               BadURL,
		"https:///path":                                   BadURL,
		"https://":                                        BadURL,
		"https://example.com:":                            BadURL,
		"https://example.com:0/":                          BadURL,
		"https://example.com:65536/":                      BadURL,
		"https://exa mple.com/":                           BadURL,
		"https://example.com/\n":                          BadURL,
		"https://example.com\\@10.0.0.1/":                 BadURL,
		"https://ex\u00e4mple.com/":                       BadURL,
		"https://example.com/\u202e":                      BadURL,
		"https://exam%70le.com/":                          BadURL,
		"https://example..com/":                           BadURL,
		"https://127.1/":                                  BadURL,
		"https://2130706433/":                             BadURL,
		"https://0x7f.0.0.1/":                             BadURL,
		"https://0x7f000001/":                             BadURL,
		"https://0177.0.0.1/":                             BadURL,
		"https://127.0.0.1./":                             BadURL,
		"https://[::1%25eth0]/":                           BadURL,
		"https://[127.0.0.1]/":                            BadURL,
		"https://" + strings.Repeat("a.", 130) + "com/":   BadURL,
		"https://example.com/" + strings.Repeat("a", 1e4): BadURL,
		"https://user@example.com/":                       Credentials,
		"https://user:secret@example.com/":                Credentials,
		"https://@example.com/":                           Credentials,
		"https://127.0.0.1/":                              Refused,
		"https://[::1]:443/":                              Refused,
		"https://[::ffff:127.0.0.1]/":                     Refused,
		"https://[::ffff:7f00:1]/":                        Refused,
		"https://169.254.169.254/latest/":                 Refused,
	} {
		u, err := new(Fetcher).CheckURL(rawURL)
		if kind(err) != want || (u == nil) != (want != "") {
			t.Errorf("%.60q: %v, not %q", rawURL, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("tells a password: %v", err)
		}
	}
	f := &Fetcher{AllowLoopback: true}
	for rawURL, want := range map[string]Kind{
		"http://127.0.0.1:8080/": "", "http://[::1]/": "", "https://127.9.9.9/": "", "http://localhost/": "",
		"http://10.0.0.1/": Refused, "https://0.0.0.0/": Refused, "ftp://127.0.0.1/": NotHTTPS, "https://[::ffff:127.0.0.1]/": "",
	} {
		if _, err := f.CheckURL(rawURL); kind(err) != want {
			t.Errorf("with loopback, %s: %v", rawURL, err)
		}
	}
}

func TestCheckAddress(t *testing.T) {
	for _, address := range []string{
		"1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "169.253.255.255", "172.15.255.255", "172.32.0.0",
		"192.0.1.0", "192.167.255.255", "223.255.255.255", "2606:4700::1111", "2001:4860:4860::8888", "2001:200::1", "64:ff9b::101:101", "::ffff:1.1.1.1",
	} {
		if err := CheckAddress(netip.MustParseAddr(address), false); err != nil {
			t.Error(err)
		}
	}
	for _, address := range []string{
		"0.0.0.0", "0.1.2.3", "10.0.0.0", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.255", "169.254.0.1",
		"172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1", "192.168.255.255", "198.18.0.1", "198.19.255.255", "198.51.100.1",
		"203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "168.63.129.16", "192.88.99.1",
		"::", "::1", "::127.0.0.1", "::ffff:10.0.0.1", "::ffff:0:10.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1",
		"2001::1", "2001:10::1", "2001:db8::1", "2002::1", "2002:7f00:1::", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1",
		"ff02::1", "fe80::1%eth0", "2606:4700::1111%eth0", "4000::1",
	} {
		err := CheckAddress(netip.MustParseAddr(address), false)
		if err == nil {
			t.Errorf("%s is let through", address)
		}
		isLoopback := netip.MustParseAddr(address).Unmap().IsLoopback()
		if err := CheckAddress(netip.MustParseAddr(address), true); (err == nil) != isLoopback {
			t.Errorf("with loopback, %s: %v", address, err)
		}
	}
}

// A public server cannot send the devnet's fetcher to this machine.
func TestGuard(t *testing.T) {
	check := func(g *guard, address string, want bool) {
		t.Helper()
		if err := g.connect(t.Context(), "tcp", address, nil); (err == nil) != want {
			t.Errorf("%s: %v", address, err)
		}
	}
	g := &guard{allowLoopback: true}
	check(g, "127.0.0.1:80", true)
	check(g, "8.8.8.8:443", true)
	check(g, "127.0.0.1:80", false)
	check(g, "[::1]:80", false)
	check(g, "8.8.4.4:443", true)
	check(&guard{}, "127.0.0.1:80", false)
	check(&guard{}, "nonsense", false)
	if err := (&guard{allowLoopback: true}).connectPlain(t.Context(), "tcp", "8.8.8.8:80", nil); err == nil {
		t.Error("plain HTTP leaves the machine")
	}
}

// What CheckURL lets through is read alike when it is written and read again,
// and holds nothing of what it refuses.
func FuzzCheckURL(f *testing.F) {
	for _, seed := range []string{
		"https://example.com/a?b#c", "https://user:p@example.com", "https://[::1]/", "https://127.1", "http://127.0.0.1:80/", "https://a\\@b",
		"https://0x7f.1/", "https://example.com:443", "https://[::ffff:10.0.0.1]:1/", "https://1.1.1.1", "https:a", "https://%31.com",
	} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	f.Fuzz(func(t *testing.T, rawURL string, allowLoopback bool) {
		fetcher := &Fetcher{AllowLoopback: allowLoopback}
		u, err := fetcher.CheckURL(rawURL)
		if err != nil {
			if kind(err) == "" || u != nil {
				t.Fatalf("%v, %v", u, err)
			}
			return
		}
		if u.Scheme != "https" && (u.Scheme != "http" || !allowLoopback) || u.User != nil || u.Host == "" || u.Fragment != "" {
			t.Fatalf("%q became %#v", rawURL, u)
		}
		if strings.ContainsAny(u.Host, "@\\/ %#?") {
			t.Fatalf("the host of %q is %q", rawURL, u.Host)
		}
		again, err := url.Parse(u.String())
		if err != nil || again.Host != u.Host || again.Scheme != u.Scheme || again.User != nil {
			t.Fatalf("%q is read as %v, then as %v: %v", rawURL, u, again, err)
		}
		if _, err := fetcher.CheckURL(u.String()); err != nil {
			t.Fatalf("%q is let through, but not %q: %v", rawURL, u, err)
		}
		if address, err := netip.ParseAddr(u.Hostname()); err == nil {
			checkPublic(t, address, allowLoopback)
		}
	})
}

func FuzzCheckAddress(f *testing.F) {
	for _, seed := range []string{"10.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2606:4700::1111", "127.0.0.1"} {
		f.Add(netip.MustParseAddr(seed).AsSlice())
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		address, ok := netip.AddrFromSlice(data)
		if ok && CheckAddress(address, false) == nil {
			checkPublic(t, address, false)
		}
	})
}

// checkPublic asks the library what it knows of an address that was let
// through.
func checkPublic(t *testing.T, address netip.Addr, allowLoopback bool) {
	address = address.Unmap()
	if nat64.Contains(address) {
		all := address.As16()
		address = netip.AddrFrom4([4]byte(all[12:]))
	}
	if address.IsLoopback() && allowLoopback {
		return
	}
	if address.IsPrivate() || !address.IsGlobalUnicast() || address.IsLoopback() || address.Zone() != "" {
		t.Fatalf("%s is let through", address)
	}
}

func TestLoopbackHost(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "LocalHost": true, "127.0.0.1": true, "127.9.9.9": true, "::1": true, "::ffff:127.0.0.1": true,
		"": false, "localhost.": false, "localhost.example.com": false, "127.0.0.1.example.com": false, "10.0.0.1": false,
		"0.0.0.0": false, "::": false, "2130706433": false, "0177.0.0.1": false, "64:ff9b::7f00:1": false,
	} {
		if LoopbackHost(host) != want {
			t.Errorf("%q: want %v", host, want)
		}
	}
}
