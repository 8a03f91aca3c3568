// Package relay makes an engine's host reachable through the Docker API alone.
//
// When the engine is on another host, the containers there cannot reach this
// machine with their callbacks, and the ports that they publish may not be
// reachable from it. A small container beside the stack relays both. It runs
// this program's own binary, and talks to this side through its standard
// streams, which the engine carries: many connections over one stream.
package relay

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/containerd/errdefs"
	"github.com/hashicorp/yamux"
	"github.com/moby/moby/client"
)

const (
	// hostName is what containers call the engine's host.
	hostName = "host.docker.internal"
	// imageLimit bounds sending the image, over a slow line too.
	imageLimit = 10 * time.Minute
	// startLimit bounds making and starting the container, once its image is
	// there, until it answers.
	startLimit = 2 * time.Minute
	// removeLimit bounds removing the container.
	removeLimit = 20 * time.Second
)

// Options say what to run and how to mark it.
type Options struct {
	// Binary is the path of a static Linux program for the engine's
	// architecture that calls Serve.
	Binary string
	// Labels are put on the container.
	Labels map[string]string
	// Name is the container's name; the engine chooses one when it is empty.
	Name string
	// DeviceRules are device cgroup rules, for a program that has more to say
	// About the host with them.
	DeviceRules []string
}

// Relay is a running relay. Its methods may be called from several goroutines
// at once.
type Relay struct {
	client    client.APIClient
	container string
	port      int

	session  *yamux.Session
	stderr   *tail
	listener *listener
	// release undoes what ties the session to Start's context.
	release func() bool

	closeOnce sync.Once
	closeErr  error
}

// Start runs a relay on the engine and returns when it is ready. The relay
// serves until Close, or until ctx is done; Close is needed in either case. The
// image is made when the engine does not have it, and stays there for the next
// run. Images of other builds that no container uses are removed then.
func Start(ctx context.Context, engine client.APIClient, options Options) (*Relay, error) {
	container, err := create(ctx, engine, options)
	if err != nil {
		return nil, err
	}
	startCtx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	r := &Relay{client: engine, container: container, stderr: &tail{}}
	if err := r.connect(ctx, startCtx); err != nil {
		if cause := context.Cause(startCtx); cause != nil {
			err = fmt.Errorf("%w: %w", err, cause)
		}
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// create makes the container, and its image before. Another build's relay may
// remove an image that is not used yet: then it is made again.
func create(ctx context.Context, engine client.APIClient, options Options) (id string, err error) {
	const tries = 3
	for try := 1; ; try++ {
		imageCtx, cancel := context.WithTimeout(ctx, imageLimit)
		image, loaded, err := ensureImage(imageCtx, engine, options.Binary)
		cancel()
		if err != nil {
			return "", fmt.Errorf("the relay's image: %w", err)
		}
		createCtx, cancel := context.WithTimeout(ctx, startLimit)
		defer cancel()
		created, err := engine.ContainerCreate(createCtx, containerOptions(image, options))
		if err == nil {
			if loaded {
				removeOthers(createCtx, engine, image)
			}
			return created.ID, nil
		}
		if _, gone := engine.ImageInspect(createCtx, image); !errdefs.IsNotFound(gone) || try == tries {
			return "", fmt.Errorf("creating the relay's container: %w", err)
		}
	}
}

// connect starts the container, attached to it from its first byte on.
func (r *Relay) connect(ctx, startCtx context.Context) error {
	attached, err := r.client.ContainerAttach(startCtx, r.container, client.ContainerAttachOptions{
		Stream: true, Stdin: true, Stdout: true, Stderr: true,
	})
	if err != nil {
		return fmt.Errorf("attaching to the relay's container: %w", err)
	}
	r.session, err = yamux.Client(&attachedStream{
		demultiplexer: demultiplexer{in: attached.Reader, stderr: r.stderr},
		conn:          attached.Conn,
	}, sessionConfig())
	if err != nil {
		attached.Close()
		return err
	}
	session := r.session
	r.release = context.AfterFunc(ctx, func() { session.Close() })
	// Nothing else ends a wait for a silent engine when the start takes too long.
	defer context.AfterFunc(startCtx, func() {
		if startCtx.Err() == context.DeadlineExceeded {
			session.Close()
		}
	})()
	r.listener = newListener(session, r.ended)

	if _, err := r.client.ContainerStart(startCtx, r.container, client.ContainerStartOptions{}); err != nil {
		return fmt.Errorf("starting the relay's container: %w", err)
	}
	if _, err := session.Ping(); err != nil {
		if ended := r.ended(); ended != nil {
			err = ended
		}
		return fmt.Errorf("the relay does not answer: %w", err)
	}
	r.port, err = publishedPort(startCtx, r.client, r.container)
	return err
}

// CallbackURL is the address at which containers on the engine's host reach
// Listener. They need the extra host host.docker.internal:host-gateway.
func (r *Relay) CallbackURL() string {
	return "http://" + net.JoinHostPort(hostName, strconv.Itoa(r.port))
}

// Listener accepts the connections that containers make to CallbackURL. Its
// Accept returns net.ErrClosed after Close, and another error when the relay
// has ended by itself.
func (r *Relay) Listener() net.Listener { return r.listener }

// ended returns why there is no session any more, or nil while there is one.
func (r *Relay) ended() error {
	if !r.session.IsClosed() {
		return nil
	}
	return r.cause(ErrEnded)
}

// ErrEnded is what waiting for a relay's connections ends with when its
// container, or the connection to the engine, has gone.
var ErrEnded = errors.New("the relay has ended")

// cause adds to err what the container wrote to its standard error.
func (r *Relay) cause(err error) error {
	if text := r.stderr.String(); text != "" {
		return fmt.Errorf("%w; it wrote: %s", err, text)
	}
	return err
}

// Close ends the relay's connections, waits for its goroutines and removes its
// container. It returns an error when the container may be left; it carries
// the caller's labels.
func (r *Relay) Close() error {
	r.closeOnce.Do(func() { r.closeErr = r.close() })
	return r.closeErr
}

func (r *Relay) close() error {
	if r.listener != nil {
		r.listener.Close()
	}
	if r.session != nil {
		r.release()
		r.session.Close()
		<-r.listener.done
	}
	ctx, cancel := context.WithTimeout(context.Background(), removeLimit)
	defer cancel()
	_, err := r.client.ContainerRemove(ctx, r.container, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
	// Someone else may have removed it, or be about to.
	if err != nil && !errdefs.IsNotFound(err) && !errdefs.IsConflict(err) {
		return fmt.Errorf("removing the relay's container %.12s: %w", r.container, err)
	}
	return nil
}
