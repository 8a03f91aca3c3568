package smoke

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strconv"
)

// vantage is where the provider stands: on the engine's host, where it
// receives callbacks and sends tasks.
type vantage interface {
	// CallbackURL is what the stack is given, without a slash at its end.
	CallbackURL() string
	// Listener accepts the connections of callbacks.
	Listener() net.Listener
	// Dial connects to a port that the stack publishes.
	Dial(ctx context.Context, port int) (net.Conn, error)
	Close() error
}

// local stands on this machine, which is the engine's host.
type local struct {
	gateway  netip.Addr
	listener net.Listener
}

// newLocal listens at the address by which containers know their host, so that
// nobody else reaches it.
func newLocal(gateway netip.Addr) (vantage, error) {
	listener, err := net.Listen("tcp4", netip.AddrPortFrom(gateway, 0).String())
	if err != nil {
		return nil, fail(Harness, "callbacks cannot be received: %v", err)
	}
	return &local{gateway, listener}, nil
}

func (l *local) CallbackURL() string {
	return fmt.Sprintf("http://host.docker.internal:%d", l.listener.Addr().(*net.TCPAddr).Port)
}

func (l *local) Listener() net.Listener { return l.listener }

// Dial goes to the gateway's address, as the provider's own modules do: a port
// that is published on 127.0.0.1 only is not reached.
func (l *local) Dial(ctx context.Context, port int) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, "tcp4", net.JoinHostPort(l.gateway.String(), strconv.Itoa(port)))
}

func (l *local) Close() error { return l.listener.Close() }
