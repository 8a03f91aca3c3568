package relay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"

	"github.com/hashicorp/yamux"
)

// answerLimit is how long Dial and About wait for the relay's answer at most.
const answerLimit = 3 * dialLimit

// Dial connects to a port that is published on the engine's host. The error
// wraps syscall.ECONNREFUSED when the port refuses, and its Timeout method is
// true when nothing answers; it wraps ErrEnded when the relay is no more. A
// port whose container does not listen may accept and end at once, for Docker's
// own proxy stands in between.
func (r *Relay) Dial(ctx context.Context, port int) (net.Conn, error) {
	addr := address(net.JoinHostPort(hostName, strconv.Itoa(port)))
	conn, err := r.dial(ctx, port)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Addr: addr, Err: err}
	}
	return conn, nil
}

func (r *Relay) dial(ctx context.Context, port int) (net.Conn, error) {
	if port < 1 || port > maxPort {
		return nil, fmt.Errorf("the port is not between 1 and %d", maxPort)
	}
	return r.request(ctx, uint16(port))
}

// About returns what the relay's program knows of the engine's host, at most
// 1 MiB: the answer of the function that it gave to Serve.
func (r *Relay) About(ctx context.Context) ([]byte, error) {
	text, err := r.about(ctx)
	if err != nil {
		return nil, fmt.Errorf("asking the relay about the engine's host: %w", err)
	}
	return text, nil
}

func (r *Relay) about(ctx context.Context) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	c, err := r.request(ctx, aboutHost)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Now()) })()
	text, err := io.ReadAll(io.LimitReader(c, maxAboutBytes+1))
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err != nil:
		return nil, err
	case len(text) > maxAboutBytes:
		return nil, fmt.Errorf("its answer is larger than %d bytes", maxAboutBytes)
	}
	return text, nil
}

// request opens a stream for what the port stands for.
func (r *Relay) request(ctx context.Context, port uint16) (*conn, error) {
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	c, err := r.open(ctx)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Now()) })
	err = requestStream(c, port)
	if !stop() {
		err = context.Cause(ctx)
	}
	if err != nil {
		c.Close()
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = r.cause(errors.New("the relay broke off its answer"))
		}
		return nil, err
	}
	return c, nil
}

// open opens a stream. The library waits for the connection to the engine
// without a context.
func (r *Relay) open(ctx context.Context) (*conn, error) {
	type result struct {
		stream *yamux.Stream
		err    error
	}
	opened := make(chan result, 1)
	go func() {
		stream, err := r.session.OpenStream()
		opened <- result{stream, err}
	}()
	select {
	case got := <-opened:
		if ended := r.ended(); got.err != nil && ended != nil {
			return nil, ended
		} else if got.err != nil {
			return nil, got.err
		}
		return newConn(got.stream, r.ended, nil), nil
	case <-ctx.Done():
		go func() {
			if got := <-opened; got.err == nil {
				got.stream.Close()
			}
		}()
		return nil, context.Cause(ctx)
	}
}
