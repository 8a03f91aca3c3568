package relay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/hashicorp/yamux"
)

const (
	// containerPort is where the relay takes callbacks, as a provider's own
	// receiver does.
	containerPort = 20000
	// requestLimit and dialLimit bound reading a request, and connecting.
	requestLimit = 10 * time.Second
	dialLimit    = 10 * time.Second
)

// Serve is the relay itself; it runs in the container. It carries each
// connection to port 20000 to the other side of in and out, and connects to
// ports of the engine's host, and to nothing else, when asked to. What about
// returns answers Relay.About; it may be nil. Serve returns nil when in ends or
// ctx is done. A read of in that waits goes on after that, until in is closed or
// the process ends.
func Serve(ctx context.Context, in io.Reader, out io.Writer, about func() ([]byte, error)) error {
	callbacks, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort("", strconv.Itoa(containerPort)))
	if err != nil {
		return fmt.Errorf("listening for callbacks: %w", err)
	}
	defer callbacks.Close()
	session, err := yamux.Server(newStandardStreams(in, out), sessionConfig())
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { session.Close() })()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()

	var work sync.WaitGroup
	work.Go(func() { acceptCallbacks(session, callbacks) })
	work.Go(func() { acceptRequests(ctx, session, about) })
	<-session.CloseChan()
	cancel()
	callbacks.Close()
	work.Wait()
	return nil
}

// acceptCallbacks carries connections from containers to the other side. When
// there are too many, further ones wait in the kernel's queue. Idle ones are
// kept, as a provider does; the kernel's probes find those whose peer has gone.
func acceptCallbacks(session *yamux.Session, callbacks net.Listener) {
	defer session.Close()
	var work sync.WaitGroup
	defer work.Wait()
	slots := make(chan struct{}, maxConnections)
	for {
		select {
		case slots <- struct{}{}:
		case <-session.CloseChan():
			return
		}
		peer, err := callbacks.Accept()
		if err != nil {
			if session.IsClosed() || errors.Is(err, net.ErrClosed) {
				return
			}
			// Such as too many open files: it passes, and must not spin.
			<-slots
			select {
			case <-time.After(100 * time.Millisecond):
			case <-session.CloseChan():
			}
			continue
		}
		work.Go(func() {
			defer func() { <-slots }()
			stream, err := session.OpenStream()
			if err != nil {
				peer.Close()
				return
			}
			join(session, peer, stream)
		})
	}
}

// acceptRequests answers those of the other side.
func acceptRequests(ctx context.Context, session *yamux.Session, about func() ([]byte, error)) {
	var work sync.WaitGroup
	defer work.Wait()
	slots := make(chan struct{}, maxConnections)
	for {
		stream, err := session.AcceptStream()
		if err != nil {
			return
		}
		select {
		case slots <- struct{}{}:
		default:
			_ = answer(stream, tooMany, "")
			stream.Close()
			continue
		}
		work.Go(func() {
			defer func() { <-slots }()
			serveRequest(ctx, session, stream, about)
		})
	}
}

// serveRequest reads one request and does what it asks for.
func serveRequest(ctx context.Context, session *yamux.Session, stream *yamux.Stream, about func() ([]byte, error)) {
	_ = stream.SetReadDeadline(time.Now().Add(requestLimit))
	port, err := readPort(stream)
	_ = stream.SetReadDeadline(time.Time{})
	switch {
	case err != nil:
		_ = answer(stream, failed, err.Error())
	case port == aboutHost:
		tellAbout(stream, about)
	default:
		if peer := connect(ctx, stream, port); peer != nil {
			join(session, peer, stream)
		}
	}
	stream.Close()
}

func tellAbout(stream io.Writer, about func() ([]byte, error)) {
	text, err := []byte(nil), errors.New("it knows nothing about its host")
	if about != nil {
		text, err = about()
	}
	if err != nil {
		_ = answer(stream, failed, err.Error())
		return
	}
	if answer(stream, connected, "") == nil {
		_, _ = stream.Write(text)
	}
}

// connect answers with what became of connecting to a port of the engine's
// host, and returns the connection when there is one.
func connect(ctx context.Context, stream io.Writer, port uint16) net.Conn {
	dialer := net.Dialer{Timeout: dialLimit}
	peer, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(hostName, strconv.Itoa(int(port))))
	if err != nil {
		_ = answer(stream, verdictOf(err), err.Error())
		return nil
	}
	if err := answer(stream, connected, ""); err != nil {
		peer.Close()
		return nil
	}
	return peer
}

// join carries bytes both ways until both ends are done or one breaks. An end
// of one direction is passed on as such.
func join(session *yamux.Session, peer net.Conn, stream *yamux.Stream) {
	done := make(chan struct{})
	defer close(done)
	go func() {
		select {
		case <-session.CloseChan():
			abort(peer)
		case <-done:
		}
	}()
	var work sync.WaitGroup
	work.Go(func() {
		// The library reports the session's end as the end of the stream.
		if _, err := io.Copy(peer, stream); err != nil || session.IsClosed() {
			abort(peer)
			return
		}
		if half, ok := peer.(interface{ CloseWrite() error }); ok {
			_ = half.CloseWrite()
		}
	})
	work.Go(func() {
		if _, err := io.Copy(stream, peer); err != nil {
			abort(peer)
		}
		_ = stream.Close()
	})
	work.Wait()
	peer.Close()
}

// abort breaks a connection so that its peer does not take that for an end.
func abort(peer net.Conn) {
	if tcp, ok := peer.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	peer.Close()
}

// standardStreams makes one stream of a reader and a writer. Standard input
// cannot be closed while it is read: the pipe can.
type standardStreams struct {
	*io.PipeReader
	out io.Writer
}

func newStandardStreams(in io.Reader, out io.Writer) *standardStreams {
	reader, writer := io.Pipe()
	go func() {
		_, err := io.Copy(writer, in)
		writer.CloseWithError(err)
	}()
	return &standardStreams{reader, out}
}

func (s *standardStreams) Write(p []byte) (int, error) { return s.out.Write(p) }
