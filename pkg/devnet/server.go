package devnet

import (
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"time"
)

// server is an HTTP server on loopback.
type server struct {
	listener net.Listener
	http     *http.Server
	done     chan struct{}
}

// serve answers until close. One request may take the given time.
func (s *server) serve(handler http.Handler, timeout time.Duration) {
	s.http = &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       timeout,
		WriteTimeout:      timeout,
		IdleTimeout:       timeout,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	s.done = make(chan struct{})
	go func() {
		defer close(s.done)
		_ = s.http.Serve(s.listener)
	}()
}

// url is where the server is reached.
func (s *server) url() string { return "http://" + s.listener.Addr().String() }

// close ends the server and its connections.
func (s *server) close() error {
	if s.http == nil {
		return s.listener.Close()
	}
	// Serve may not have come to take the listener yet, so close both.
	err := s.http.Close()
	if also := s.listener.Close(); !errors.Is(also, net.ErrClosed) {
		err = errors.Join(err, also)
	}
	<-s.done
	return err
}
