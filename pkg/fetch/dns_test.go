package fetch

import (
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/opengpu-network/templates/pkg/fetch/fetchtest"
)

// What a name stands for is judged when it is connected to.
func TestNamesOfPrivateAddresses(t *testing.T) {
	for _, address := range []string{
		"10.1.2.3", "127.0.0.1", "169.254.169.254", "100.100.100.200", "192.168.0.1", "0.0.0.0", "224.0.0.1", "168.63.129.16",
		"::1", "::", "::ffff:10.0.0.1", "fe80::1", "fd00:ec2::254", "64:ff9b::a00:1", "2002:a00:1::", "ff02::1",
	} {
		f := &Fetcher{Resolver: fetchtest.Resolver(t, func(string) []netip.Addr { return []netip.Addr{netip.MustParseAddr(address)} })}
		if _, err := f.Get(t.Context(), "https://stranger.example.com/", 9); kind(err) != Refused {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestNames(t *testing.T) {
	f := &Fetcher{Resolver: fetchtest.Resolver(t, func(string) []netip.Addr { return nil })}
	if _, err := f.Get(t.Context(), "https://nobody.example.com/", 9); kind(err) != DNS {
		t.Errorf("a name that does not exist: %v", err)
	}
	silent, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	f = &Fetcher{Resolver: fetchtest.Ask(silent.LocalAddr()), Timeout: soon}
	if _, err := f.Get(t.Context(), "https://nobody.example.com/", 9); kind(err) != TooSlow {
		t.Errorf("a name server that says nothing: %v", err)
	}
	f = &Fetcher{AllowLoopback: true, Resolver: fetchtest.Resolver(t, func(string) []netip.Addr { return []netip.Addr{netip.MustParseAddr("8.8.8.8")} })}
	if _, err := f.Get(t.Context(), "http://stranger.example.com/", 9); kind(err) != NotHTTPS {
		t.Errorf("plain HTTP to a public address: %v", err)
	}
}

// A name that stands for another address the second time it is asked for does
// not get through with the redirect to itself, and the environment's proxy is
// not asked to resolve it.
func TestRebinding(t *testing.T) {
	var requests, lookups atomic.Int32
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		if r.URL.Path == "/" {
			http.Redirect(w, r, "/again", http.StatusFound)
			return
		}
		_, _ = io.WriteString(w, "there")
	})
	t.Setenv("HTTPS_PROXY", "http://192.0.2.1:3128")
	f := loopback(server)
	// The test server's certificate is for this name.
	at := &url.URL{Scheme: "https", Host: "example.com:" + server.URL[strings.LastIndex(server.URL, ":")+1:], Path: "/"}

	f.Resolver = fetchtest.Resolver(t, func(string) []netip.Addr { return []netip.Addr{netip.MustParseAddr("127.0.0.1")} })
	if got, err := f.Get(t.Context(), at.String(), 9); err != nil || string(got.Body) != "there" || requests.Load() != 2 {
		t.Fatalf("a name that stays: %v after %d requests", err, requests.Load())
	}

	requests.Store(0)
	f.Resolver = fetchtest.Resolver(t, func(string) []netip.Addr {
		if lookups.Add(1) == 1 {
			return []netip.Addr{netip.MustParseAddr("127.0.0.1")}
		}
		return []netip.Addr{netip.MustParseAddr("10.0.0.1")}
	})
	_, err := f.Get(t.Context(), at.String(), 9)
	if kind(err) != Refused || requests.Load() != 1 || lookups.Load() != 2 {
		t.Errorf("a name that moves: %v after %d requests and %d lookups", err, requests.Load(), lookups.Load())
	}
	if !strings.Contains(err.Error(), "redirects to") {
		t.Errorf("the redirect is not told of: %v", err)
	}
}
