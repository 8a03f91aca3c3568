package relay

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"

	"github.com/moby/moby/api/pkg/stdcopy"
)

// attachedStream is a container's standard input and output as one stream.
type attachedStream struct {
	demultiplexer
	conn net.Conn
}

func (s *attachedStream) Write(p []byte) (int, error) { return s.conn.Write(p) }
func (s *attachedStream) Close() error                { return s.conn.Close() }

// demultiplexer reads the standard output from the stream in which an engine
// mixes it with the standard error. Other than stdcopy.StdCopy, it takes no
// memory for a frame, whatever size the engine claims.
type demultiplexer struct {
	in     io.Reader
	stderr io.Writer
	kind   stdcopy.StdType
	left   int64 // of the frame, in bytes
}

func (d *demultiplexer) Read(p []byte) (int, error) {
	for {
		if d.left == 0 {
			if err := d.nextFrame(); err != nil {
				return 0, err
			}
			continue
		}
		if d.kind == stdcopy.Stdout {
			n, err := d.in.Read(p[:min(int64(len(p)), d.left)])
			d.left -= int64(n)
			return n, err
		}
		n, err := io.CopyN(d.stderr, d.in, d.left)
		d.left -= n
		if err != nil {
			return 0, err
		}
	}
}

func (d *demultiplexer) nextFrame() error {
	var header [8]byte
	if _, err := io.ReadFull(d.in, header[:]); err != nil {
		return err
	}
	d.kind = stdcopy.StdType(header[0])
	if d.kind != stdcopy.Stdout && d.kind != stdcopy.Stderr && d.kind != stdcopy.Systemerr {
		return fmt.Errorf("the engine sent a stream of the unknown kind %d", d.kind)
	}
	d.left = int64(binary.BigEndian.Uint32(header[4:]))
	return nil
}

// tailBytes is how much of the container's standard error is kept.
const tailBytes = 2 << 10

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	data []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.data = append(t.data, p[max(0, len(p)-tailBytes):]...)
	t.data = t.data[max(0, len(t.data)-tailBytes):]
	return len(p), nil
}

// String returns the kept text on one line and without control characters.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return printable(string(t.data))
}

// printable makes text from the engine's host fit for a message.
func printable(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || (r >= 0x7f && r < 0xa0) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	return strings.Join(strings.Fields(text), " ")
}
