package fetch

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"sync/atomic"
	"syscall"
)

// byScheme sends requests of each scheme through a transport of its own, for
// plain HTTP may reach loopback only.
type byScheme map[string]http.RoundTripper

func (b byScheme) RoundTrip(request *http.Request) (*http.Response, error) {
	transport, ok := b[request.URL.Scheme]
	if !ok {
		return nil, &Error{Kind: NotHTTPS, Err: fmt.Errorf("the scheme %s is not fetched", quote(request.URL.Scheme))}
	}
	return transport.RoundTrip(request)
}

// transport makes the transports of one fetch.
func (f *Fetcher) transport() http.RoundTripper {
	g := &guard{allowLoopback: f.AllowLoopback}
	schemes := byScheme{"https": f.newTransport(g.connect)}
	if f.AllowLoopback {
		schemes["http"] = f.newTransport(g.connectPlain)
	}
	return schemes
}

// newTransport makes a transport whose connections are judged one by one, after
// names were resolved and before anything is sent.
func (f *Fetcher) newTransport(judge control) http.RoundTripper {
	dialer := &net.Dialer{Resolver: f.Resolver, ControlContext: judge}
	return &http.Transport{
		DialContext: dialer.DialContext,
		// One connection for each request: each is judged anew.
		DisableKeepAlives: true,
		// The library unpacks unseen what it asked to be packed. It does not ask when
		// the request says "identity"; this is in case it does.
		DisableCompression:     true,
		MaxResponseHeaderBytes: MaxHeader,
		TLSClientConfig:        &tls.Config{RootCAs: f.Roots, MinVersion: tls.VersionTLS12},
	}
}

// control is called with each address before it is connected to.
type control func(ctx context.Context, network, address string, _ syscall.RawConn) error

// guard judges the addresses of one fetch.
type guard struct {
	allowLoopback bool
	// public is set once a public address was connected to: what is there must
	// not redirect to this machine.
	public atomic.Bool
}

func (g *guard) connect(_ context.Context, _, address string, _ syscall.RawConn) error {
	ip, err := addressOf(address)
	if err != nil {
		return err
	}
	if err := CheckAddress(ip, g.allowLoopback && !g.public.Load()); err != nil {
		return err
	}
	if !ip.Unmap().IsLoopback() {
		g.public.Store(true)
	}
	return nil
}

func (g *guard) connectPlain(ctx context.Context, network, address string, c syscall.RawConn) error {
	ip, err := addressOf(address)
	if err != nil {
		return err
	}
	if !ip.Unmap().IsLoopback() {
		return &plainError{ip}
	}
	return g.connect(ctx, network, address, c)
}

// plainError says that plain HTTP would have left the machine.
type plainError struct{ address netip.Addr }

func (e *plainError) Error() string {
	return "plain HTTP is for loopback only, and the name stands for " + e.address.String() + ": use https://"
}

func addressOf(hostPort string) (netip.Addr, error) {
	addrPort, err := netip.ParseAddrPort(hostPort)
	return addrPort.Addr(), err
}
