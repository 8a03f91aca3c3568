package relay

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
)

// To connect, this side opens a stream and sends the port, two bytes. The relay
// answers with a verdict, one byte; when it is not connected, a text follows,
// its length in one byte first. What comes after connected belongs to the
// connection.

const (
	maxPort = 1<<16 - 1
	// aboutHost stands in a port's place for a question to the relay itself.
	aboutHost = 0
	// maxAboutBytes is the most that it may have to say.
	maxAboutBytes = 1 << 20
)

// verdict is how a connection attempt of the relay ended.
type verdict byte

const (
	connected verdict = iota
	refused
	timedOut
	failed
	tooMany
)

// requestStream asks the relay, on a new stream, for what the port stands for.
func requestStream(stream io.ReadWriter, port uint16) error {
	if _, err := stream.Write(binary.BigEndian.AppendUint16(nil, port)); err != nil {
		return err
	}
	var answer [1]byte
	if _, err := io.ReadFull(stream, answer[:]); err != nil {
		return err
	}
	if verdict(answer[0]) == connected {
		return nil
	}
	text, err := readText(stream)
	if err != nil {
		return err
	}
	switch verdict(answer[0]) {
	case refused:
		return os.NewSyscallError("connect", syscall.ECONNREFUSED)
	case timedOut:
		return os.NewSyscallError("connect", syscall.ETIMEDOUT)
	case tooMany:
		return fmt.Errorf("the relay has %d connections open already", maxConnections)
	default:
		return fmt.Errorf("the relay failed: %s", printable(text))
	}
}

func readText(r io.Reader) (string, error) {
	var length [1]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return "", err
	}
	text := make([]byte, length[0])
	_, err := io.ReadFull(r, text)
	return string(text), err
}

// readPort reads a request on the relay's side.
func readPort(r io.Reader) (uint16, error) {
	var port [2]byte
	_, err := io.ReadFull(r, port[:])
	return binary.BigEndian.Uint16(port[:]), err
}

// answer tells what became of a request.
func answer(w io.Writer, v verdict, text string) error {
	message := []byte{byte(v)}
	if v != connected {
		text = text[:min(len(text), 255)]
		message = append(append(message, byte(len(text))), text...)
	}
	_, err := w.Write(message)
	return err
}

// verdictOf tells the errors of a dialer apart.
func verdictOf(err error) verdict {
	var network net.Error
	switch {
	case err == nil:
		return connected
	case errors.Is(err, syscall.ECONNREFUSED):
		return refused
	case errors.As(err, &network) && network.Timeout():
		return timedOut
	default:
		return failed
	}
}
