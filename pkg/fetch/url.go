package fetch

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// maxURL is how long a URL may be, in bytes.
const maxURL = 4096

// CheckURL reads a URL and refuses what Get would refuse without asking
// anybody: other schemes than HTTPS, credentials, hosts that different programs
// read differently, and literal addresses that are not public. A fragment is cut
// off. Whether the addresses behind a name are public shows only when they are
// connected to. The error is always an *Error.
func (f *Fetcher) CheckURL(rawURL string) (*url.URL, error) {
	refuse := func(kind Kind, format string, args ...any) (*url.URL, error) {
		return nil, &Error{Kind: kind, URL: shown(rawURL), Err: fmt.Errorf(format, args...)}
	}
	if len(rawURL) > maxURL {
		return refuse(BadURL, "the URL is longer than %d bytes", maxURL)
	}
	for _, r := range rawURL {
		// Browsers and libraries disagree on all of these.
		if r <= ' ' || r >= 0x7f || r == '\\' {
			return refuse(BadURL, "the URL holds %s: write it percent-encoded, and host names in Punycode", strconv.QuoteRune(r))
		}
	}
	u, err := url.Parse(rawURL)
	if err != nil {
		// The library's error repeats the URL, which may hold a password.
		return refuse(BadURL, "it is no URL")
	}
	switch {
	case u.Scheme == "http" && !f.AllowLoopback, u.Scheme != "http" && u.Scheme != "https":
		return refuse(NotHTTPS, "the URL does not begin with https://")
	case u.User != nil:
		return refuse(Credentials, "the URL holds a user name or a password: leave them out")
	case u.Opaque != "":
		return refuse(BadURL, "the URL does not begin with https://")
	}
	address, err := checkHost(u)
	if err != nil {
		return refuse(BadURL, "%w", err)
	}
	if address.IsValid() {
		if err := CheckAddress(address, f.AllowLoopback); err != nil {
			return refuse(Refused, "%w", err)
		}
	}
	u.Fragment, u.RawFragment = "", ""
	return u, nil
}

// checkHost judges the form of a URL's host and port. It returns the address
// when the host is one.
func checkHost(u *url.URL) (netip.Addr, error) {
	host, port := u.Hostname(), u.Port()
	if n, err := strconv.ParseUint(port, 10, 16); port != "" && (err != nil || n == 0) || strings.HasSuffix(u.Host, ":") {
		return netip.Addr{}, errors.New("the URL's port is not between 1 and 65535")
	}
	if strings.HasPrefix(u.Host, "[") {
		address, err := netip.ParseAddr(host)
		if err != nil || address.Zone() != "" || !address.Is6() {
			return netip.Addr{}, errors.New("the URL's host is no IPv6 address")
		}
		return address, nil
	}
	if address, err := netip.ParseAddr(host); err == nil && address.Is4() {
		return address, nil
	}
	// A trailing dot is allowed in names and useless.
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" {
			return netip.Addr{}, errors.New("the URL's host is no host name")
		}
	}
	// 127.1, 0x7f000001 and 017700000001 are addresses to some programs and names
	// to others. No top-level domain begins with a digit.
	if last := labels[len(labels)-1]; last[0] >= '0' && last[0] <= '9' || len(host) > 253 {
		return netip.Addr{}, errors.New("the URL's host is neither a host name nor an address")
	}
	return netip.Addr{}, nil
}

// shown is a URL as messages show it: without a password, and not long.
func shown(rawURL string) string {
	// What cannot be read as a URL may hold a password anywhere before an @.
	if at := strings.LastIndex(rawURL, "@"); at >= 0 {
		rawURL = "…" + rawURL[at:]
	}
	return shorten(rawURL)
}
