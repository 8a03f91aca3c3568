// Package fetchtest gives tests a name server of their own.
package fetchtest

import (
	"context"
	"net"
	"net/netip"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// Resolver asks a name server on loopback that answers as the function says,
// which is called once for each lookup of A and AAAA together.
func Resolver(t testing.TB, answer func(name string) []netip.Addr) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { conn.Close(); <-done })
	go func() {
		defer close(done)
		buffer := make([]byte, 1<<10)
		// The questions for A and AAAA of one lookup come in any order.
		var pending []netip.Addr
		questions := 0
		for {
			n, from, err := conn.ReadFrom(buffer)
			if err != nil {
				return
			}
			var query dnsmessage.Message
			if err := query.Unpack(buffer[:n]); err != nil || len(query.Questions) != 1 {
				t.Errorf("a strange query: %v", err)
				continue
			}
			if questions++; questions%2 == 1 {
				pending = answer(query.Questions[0].Name.String())
			}
			if _, err := conn.WriteTo(reply(t, query, pending), from); err != nil {
				return
			}
		}
	}()
	return Ask(conn.LocalAddr())
}

// Ask asks the name server at a UDP address, whatever the system's is.
func Ask(server net.Addr) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", server.String())
	}}
}

func reply(t testing.TB, query dnsmessage.Message, addresses []netip.Addr) []byte {
	query.Response, query.RecursionAvailable, query.Additionals = true, true, nil
	question := query.Questions[0]
	header := dnsmessage.ResourceHeader{Name: question.Name, Class: question.Class}
	for _, address := range addresses {
		switch {
		case question.Type == dnsmessage.TypeA && address.Is4():
			query.Answers = append(query.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AResource{A: address.As4()}})
		case question.Type == dnsmessage.TypeAAAA && address.Is6():
			query.Answers = append(query.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AAAAResource{AAAA: address.As16()}})
		}
	}
	if len(addresses) == 0 {
		query.RCode = dnsmessage.RCodeNameError
	}
	packed, err := query.Pack()
	if err != nil {
		t.Error(err)
	}
	return packed
}
