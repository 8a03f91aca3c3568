package relay

import (
	"io"
	"time"

	"github.com/hashicorp/yamux"
)

const (
	// maxConnections bounds the connections of one direction at one time. Each
	// side keeps to it by itself, as neither trusts the other.
	maxConnections = 128
	// windowBytes is how far a sender may be ahead of its receiver on one
	// connection; it is what a connection takes in memory.
	windowBytes = 256 << 10
	// keepAliveInterval and silenceLimit are how a connection to the engine is
	// found dead that nobody ended. A slow one has to move what is queued
	// within the limit: at most windowBytes for each connection.
	keepAliveInterval = 15 * time.Second
	silenceLimit      = time.Minute
	// halfClosedLimit is how long a connection lives of which one half is
	// closed.
	halfClosedLimit = 5 * time.Minute
)

// sessionConfig is the same on both sides.
func sessionConfig() *yamux.Config {
	config := yamux.DefaultConfig()
	config.AcceptBacklog = 2 * maxConnections
	config.MaxStreamWindowSize = windowBytes
	config.KeepAliveInterval = keepAliveInterval
	config.ConnectionWriteTimeout = silenceLimit
	config.StreamCloseTimeout = halfClosedLimit
	// Connections may wait to be accepted; they must not end the session.
	config.StreamOpenTimeout = 0
	config.LogOutput = io.Discard
	return config
}
