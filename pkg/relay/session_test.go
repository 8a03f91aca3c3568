package relay

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"github.com/hashicorp/yamux"
)

func frame(kind byte, text string) string {
	header := []byte{kind, 0, 0, 0, 0, 0, 0, 0}
	binary.BigEndian.PutUint32(header[4:], uint32(len(text)))
	return string(header) + text
}

func TestDemultiplexer(t *testing.T) {
	for name, c := range map[string]struct {
		in, out, stderr string
		err             error
	}{
		"nothing":          {err: nil},
		"both":             {in: frame(1, "ab") + frame(2, "x") + frame(1, "") + frame(1, "c") + frame(2, "y"), out: "abc", stderr: "xy"},
		"engine's message": {in: frame(3, "broken"), stderr: "broken"},
		"ends in header":   {in: frame(1, "ab") + "\x01\x00", out: "ab", err: io.ErrUnexpectedEOF},
		"claims too much":  {in: "\x01\x00\x00\x00\xff\xff\xff\xffab", out: "ab"},
		"on stderr too":    {in: "\x02\x00\x00\x00\xff\xff\xff\xffab", stderr: "ab"},
		"unknown kind":     {in: frame(1, "ab") + "HTTP/1.1 500", out: "ab", err: errors.New("the engine sent a stream of the unknown kind 72")},
	} {
		t.Run(name, func(t *testing.T) {
			for _, in := range []io.Reader{strings.NewReader(c.in), iotest.OneByteReader(strings.NewReader(c.in))} {
				var stderr tail
				out, err := io.ReadAll(&demultiplexer{in: in, stderr: &stderr})
				if string(out) != c.out || stderr.String() != c.stderr {
					t.Errorf("it reads %q and %q", out, stderr.String())
				}
				if (err == nil) != (c.err == nil) || err != nil && err.Error() != c.err.Error() {
					t.Errorf("it ends with %v, not %v", err, c.err)
				}
			}
		})
	}
}

func TestTail(t *testing.T) {
	var text tail
	for range 100 {
		_, _ = text.Write([]byte(strings.Repeat("old ", 100)))
	}
	_, _ = text.Write([]byte("last\x1b[2J\u0085\xff\nwords"))
	got := text.String()
	if len(got) > tailBytes || !strings.HasSuffix(got, "old last [2J ? words") {
		t.Errorf("it keeps %d bytes, ending in %q", len(got), got[max(0, len(got)-30):])
	}
}

// TestReadAfterClose: what came before the end is not read after it.
func TestReadAfterClose(t *testing.T) {
	here, there := net.Pipe()
	session, err := yamux.Client(here, sessionConfig())
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	peer, err := yamux.Server(there, sessionConfig())
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	l := newListener(session, func() error { return nil })
	stream, err := peer.OpenStream()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Write([]byte("late")); err != nil {
		t.Fatal(err)
	}
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := peer.Ping(); err != nil { // what was written before it has come
		t.Fatal(err)
	}
	conn.Close()
	if n, err := conn.Read(make([]byte, 1)); n != 0 || !errors.Is(err, net.ErrClosed) {
		t.Errorf("a read after Close returns %d, %v", n, err)
	}
	if n, err := conn.Write([]byte("x")); n != 0 || !errors.Is(err, net.ErrClosed) {
		t.Errorf("a write after Close returns %d, %v", n, err)
	}
}

// TestVerdicts: what the relay's dialer says comes out of Dial.
func TestVerdicts(t *testing.T) {
	_, timeout := net.DialTimeout("tcp", "127.0.0.1:1", time.Nanosecond)
	_, refusal := net.Dial("tcp", "127.0.0.1:1")
	for name, c := range map[string]struct {
		verdict verdict
		text    string
		check   func(error) bool
	}{
		"connected": {verdictOf(nil), "", func(err error) bool { return err == nil }},
		"refused":   {verdictOf(refusal), "no", func(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }},
		"timed out": {verdictOf(timeout), "", func(err error) bool {
			var network net.Error
			return errors.As(err, &network) && network.Timeout() && !errors.Is(err, syscall.ECONNREFUSED)
		}},
		"too many": {tooMany, "", func(err error) bool { return strings.Contains(err.Error(), "128 connections") }},
		"failed": {verdictOf(io.ErrClosedPipe), strings.Repeat("\x1blong", 100), func(err error) bool {
			return !errors.Is(err, syscall.ECONNREFUSED) && len(err.Error()) < 300 && !strings.Contains(err.Error(), "\x1b")
		}},
		"unknown": {200, "?", func(err error) bool { return err != nil }},
	} {
		t.Run(name, func(t *testing.T) {
			here, there := net.Pipe()
			defer here.Close()
			go func() {
				defer there.Close()
				if port, err := readPort(there); err != nil || port != 5555 {
					t.Errorf("port %d, %v", port, err)
				}
				_ = answer(there, c.verdict, c.text)
			}()
			if err := requestStream(here, 5555); !c.check(err) {
				t.Errorf("it returns %v", err)
			}
		})
	}
}

// TestStrangerInPlaceOfRelay: one that opens more connections than the relay
// may is not given more, and one that speaks nonsense ends the session.
func TestStrangerInPlaceOfRelay(t *testing.T) {
	here, there := net.Pipe()
	session, err := yamux.Client(here, sessionConfig())
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	l := newListener(session, func() error { return nil })
	stranger, err := yamux.Server(there, sessionConfig())
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for range 2 * maxConnections {
			if _, err := stranger.OpenStream(); err != nil {
				return
			}
		}
	}()
	var conns []net.Conn
	for range maxConnections {
		conn, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		conns = append(conns, conn)
	}
	select {
	case <-l.conns:
		t.Error("it is given more connections")
	case <-time.After(50 * time.Millisecond):
	}
	conns[0].Close()
	conn, err := l.Accept()
	if err != nil {
		t.Error(err)
	}
	stranger.Close()
	if _, err := conn.Read(make([]byte, 1)); err == nil {
		t.Error("a read from a connection without a session went well")
	}
	<-l.done
	if _, err := l.Accept(); !errors.Is(err, ErrEnded) {
		t.Errorf("Accept returns %v", err)
	}
	for _, c := range append(conns, conn) {
		c.Close()
	}

	here, there = net.Pipe()
	confused, err := yamux.Client(here, sessionConfig())
	if err != nil {
		t.Fatal(err)
	}
	_, _ = there.Write([]byte("HTTP/1.1 500 Internal Server Error\r\n"))
	<-confused.CloseChan()
}
