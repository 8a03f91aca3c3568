package smoke

import (
	"errors"
	"io"
	"strings"
	"syscall"

	"github.com/moby/moby/client"
)

// isLost is true for an error that says that the engine does not answer any
// more. compose and testcontainers hand on some of these as text alone.
func isLost(err error) bool {
	if client.IsErrConnectionFailed(err) || errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, syscall.EPIPE) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return true
	}
	text := err.Error()
	for _, sign := range []string{"Cannot connect to the Docker daemon", "failed to connect to the docker API", "connection reset by peer", "error during connect", "broken pipe"} {
		if strings.Contains(text, sign) {
			return true
		}
	}
	return false
}
