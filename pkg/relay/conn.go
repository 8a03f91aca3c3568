package relay

import (
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/yamux"
)

// address is one of a host or a port that only the relay reaches.
type address string

func (a address) Network() string { return "tcp" }
func (a address) String() string  { return string(a) }

// conn makes a stream behave as a TCP connection does: Close ends both
// directions and wakes whoever waits, CloseWrite ends one, and an end that the
// other side did not mean is an error.
type conn struct {
	*yamux.Stream
	ended   func() error // why the session is over; nil while it is not
	onClose func()       // may be nil

	closed    atomic.Bool
	closeOnce sync.Once
}

func newConn(stream *yamux.Stream, ended func() error, onClose func()) *conn {
	return &conn{Stream: stream, ended: ended, onClose: onClose}
}

func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Stream.Read(p)
	if c.closed.Load() { // the library still hands out what has come
		return 0, net.ErrClosed
	}
	return n, c.explain(err)
}

func (c *conn) Write(p []byte) (int, error) {
	n, err := c.Stream.Write(p)
	return n, c.explain(err)
}

func (c *conn) explain(err error) error {
	if err == nil {
		return nil
	}
	if c.closed.Load() {
		return net.ErrClosed
	}
	// The library reports a session's end as the end of each stream.
	if errors.Is(err, io.EOF) || errors.Is(err, yamux.ErrStreamClosed) || errors.Is(err, yamux.ErrSessionShutdown) {
		if ended := c.ended(); ended != nil {
			return ended
		}
	}
	return err
}

// CloseWrite tells the other side that nothing more is written.
func (c *conn) CloseWrite() error { return c.Stream.Close() }

// Close ends the connection. The library's Close only ends writing: the
// deadline ends a read or write that waits.
func (c *conn) Close() error {
	c.closeOnce.Do(func() {
		c.closed.Store(true)
		_ = c.SetDeadline(time.Unix(1, 0))
		_ = c.Stream.Close()
		if c.onClose != nil {
			c.onClose()
		}
	})
	return nil
}

// listener hands out the streams that the relay opens.
type listener struct {
	ended  func() error
	conns  chan *conn
	closed chan struct{}
	// done is closed when the listener's goroutine has ended, and with it the
	// session.
	done chan struct{}
	once sync.Once
}

func newListener(session *yamux.Session, ended func() error) *listener {
	l := &listener{ended: ended, conns: make(chan *conn), closed: make(chan struct{}), done: make(chan struct{})}
	go l.run(session)
	return l
}

// run accepts for as long as there is a session. The relay opens no more
// connections than it may; a stranger in its place is held to that too.
func (l *listener) run(session *yamux.Session) {
	defer close(l.done)
	slots := make(chan struct{}, maxConnections)
	for {
		select {
		case slots <- struct{}{}:
		case <-session.CloseChan():
			return
		}
		stream, err := session.AcceptStream()
		if err != nil {
			return
		}
		c := newConn(stream, l.ended, func() { <-slots })
		select {
		case l.conns <- c:
		case <-l.closed:
			c.Close()
		case <-session.CloseChan():
			c.Close()
			return
		}
	}
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case <-l.closed:
		return nil, &net.OpError{Op: "accept", Net: "tcp", Addr: l.Addr(), Err: net.ErrClosed}
	default:
	}
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, &net.OpError{Op: "accept", Net: "tcp", Addr: l.Addr(), Err: net.ErrClosed}
	case <-l.done:
		err := l.ended()
		if err == nil {
			err = ErrEnded
		}
		return nil, &net.OpError{Op: "accept", Net: "tcp", Addr: l.Addr(), Err: err}
	}
}

// Close ends accepting: connections that come are closed at once. Those that
// were accepted go on.
func (l *listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *listener) Addr() net.Addr { return address(hostName) }
