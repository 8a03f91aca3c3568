package fetch

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"syscall"
)

// refused are the addresses that are never fetched from, as IANA's registries of
// special-purpose addresses have them. For IPv6 it is the other way round: only
// 2000::/3 is public, and of that not what stands here.
var refused = []struct {
	prefix netip.Prefix
	what   string
}{
	{netip.MustParsePrefix("0.0.0.0/8"), "this host"},
	{netip.MustParsePrefix("10.0.0.0/8"), "private"},
	{netip.MustParsePrefix("100.64.0.0/10"), "shared behind a carrier's NAT"}, // Alibaba's metadata too
	{netip.MustParsePrefix("169.254.0.0/16"), "link-local"},                   // most clouds' metadata
	{netip.MustParsePrefix("168.63.129.16/32"), "a cloud's own service"},      // Azure's, on a public address
	{netip.MustParsePrefix("172.16.0.0/12"), "private"},
	{netip.MustParsePrefix("192.0.0.0/24"), "reserved"}, // Oracle's metadata too
	{netip.MustParsePrefix("192.0.2.0/24"), "for documentation"},
	{netip.MustParsePrefix("192.88.99.0/24"), "a relay of 6to4"},
	{netip.MustParsePrefix("192.168.0.0/16"), "private"},
	{netip.MustParsePrefix("198.18.0.0/15"), "for benchmarks"},
	{netip.MustParsePrefix("198.51.100.0/24"), "for documentation"},
	{netip.MustParsePrefix("203.0.113.0/24"), "for documentation"},
	{netip.MustParsePrefix("224.0.0.0/4"), "multicast"},
	{netip.MustParsePrefix("240.0.0.0/4"), "reserved"}, // broadcast too
	{netip.MustParsePrefix("fe80::/10"), "link-local"},
	{netip.MustParsePrefix("fc00::/7"), "private"}, // metadata of AWS and Google too
	{netip.MustParsePrefix("ff00::/8"), "multicast"},
	{netip.MustParsePrefix("2001::/23"), "reserved"}, // Teredo, ORCHID, benchmarks
	{netip.MustParsePrefix("2001:db8::/32"), "for documentation"},
	{netip.MustParsePrefix("2002::/16"), "a tunnel (6to4)"},
	{netip.MustParsePrefix("3fff::/20"), "for documentation"},
}

var (
	globalUnicast = netip.MustParsePrefix("2000::/3")
	// nat64 is where networks without IPv4 find IPv4's addresses.
	nat64 = netip.MustParsePrefix("64:ff9b::/96")
)

// AddressError says that an address is refused.
type AddressError struct {
	// Address is the one that is refused. Where it is the translation of an IPv4
	// address (NAT64), it is that one.
	Address netip.Addr
	// What completes "the address is …": "private", "link-local".
	What string
}

func (e *AddressError) Error() string {
	return fmt.Sprintf("the address %s is refused: it is %s, and only public ones are fetched from", e.Address, e.What)
}

// LoopbackHost is true for the host of a URL, without its port, that is meant to be
// this machine: localhost or an address of loopback. It says nothing about where a
// connection leads: localhost is a name, and may stand for anything.
func LoopbackHost(host string) bool {
	address, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && address.Unmap().IsLoopback()
}

// ErrElsewhere is localhost when it leads away from this machine.
var ErrElsewhere = errors.New("its name leads to another machine")

// OnlyLoopback refuses connections that leave the machine: a net.Dialer's Control
// for what must stay on it.
func OnlyLoopback(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !at.Addr().Unmap().IsLoopback() {
		return ErrElsewhere
	}
	return nil
}

// CheckAddress is the one judgement of addresses that strangers lead to. It
// returns an *AddressError unless an address is public, or loopback where that is
// allowed. In networks without IPv4 all of IPv4 is behind 64:ff9b::/96 (NAT64);
// such an address is judged by the IPv4 address inside. All other ways of writing
// one address inside another are refused. Judge the address that is connected to,
// not the one that a name stood for some time before.
func CheckAddress(address netip.Addr, allowLoopback bool) error {
	if address.Zone() != "" {
		return &AddressError{address, "tied to a network interface"}
	}
	address = address.Unmap()
	if address.IsLoopback() {
		if allowLoopback {
			return nil
		}
		return &AddressError{address, "loopback"}
	}
	for _, r := range refused {
		if r.prefix.Contains(address) {
			return &AddressError{address, r.what}
		}
	}
	switch {
	case address.Is4(), globalUnicast.Contains(address):
		return nil
	case nat64.Contains(address):
		// The IPv4 address is at the end. Loopback would be the translator's own.
		all := address.As16()
		return CheckAddress(netip.AddrFrom4([4]byte(all[12:])), false)
	}
	return &AddressError{address, "not of the public range"}
}
