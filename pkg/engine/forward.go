package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"github.com/docker/cli/cli/config"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/log"
)

// ForTestcontainers makes testcontainers-go use this engine. It takes its
// engine from the process's environment alone, and knows neither contexts nor
// SSH: so it gets a socket of this process, behind which is the same
// connection that everything else uses.
//
// Its reaper is another image, which would have to be pulled; leases stand in
// for it. A properties file in the home folder could send it to another engine,
// so it reads its settings while the home folder is an empty one.
func (e *Engine) ForTestcontainers() error {
	dir, err := os.MkdirTemp("", "ogpu-tpl-")
	if err != nil {
		return fmt.Errorf("no temporary folder can be made: %w: name one that can be written with TMPDIR", err)
	}
	socket := e.Host
	e.forward = &forwarder{dir: dir}
	if !strings.HasPrefix(socket, "unix://") {
		socket = "unix://" + filepath.Join(dir, "docker.sock")
		if err := e.forward.listen(strings.TrimPrefix(socket, "unix://"), e.API.Dialer()); err != nil {
			return errors.Join(err, e.forward.close())
		}
	}
	settings := map[string]string{
		"DOCKER_HOST": socket, "DOCKER_CONTEXT": "", "DOCKER_TLS_VERIFY": "", "DOCKER_TLS": "", "DOCKER_CERT_PATH": "", "DOCKER_API_VERSION": e.APIVersion,
		"TESTCONTAINERS_RYUK_DISABLED": "true", "TESTCONTAINERS_HUB_IMAGE_NAME_PREFIX": "", "DOCKER_DEFAULT_PLATFORM": "",
	}
	for name, value := range settings {
		if value == "" {
			err = errors.Join(err, os.Unsetenv(name))
		} else {
			err = errors.Join(err, os.Setenv(name, value))
		}
	}
	// Compose would put the proxies of the user's configuration, passwords
	// included, into every container.
	config.SetDir(dir)
	home := os.Getenv("HOME")
	err = errors.Join(err, os.Setenv("HOME", dir))
	log.SetDefault(log.NewNoopLogger())
	testcontainers.ReadConfig()
	return errors.Join(err, os.Setenv("HOME", home))
}

// forwarder hands connections of a local socket on to the engine.
type forwarder struct {
	dir      string
	listener net.Listener
	cancel   context.CancelFunc
}

func (f *forwarder) listen(socket string, dial func(context.Context) (net.Conn, error)) error {
	var err error
	if f.listener, err = net.Listen("unix", socket); errors.Is(err, syscall.EINVAL) {
		return fmt.Errorf("the path of the temporary folder is too long for a socket in it: %s: name a shorter one with TMPDIR", filepath.Dir(socket))
	} else if err != nil {
		return fmt.Errorf("no socket can be made in the temporary folder: %w: name another with TMPDIR", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	f.cancel = cancel
	go func() {
		for {
			near, err := f.listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer near.Close()
				far, err := dial(ctx)
				if err != nil {
					return
				}
				defer far.Close()
				stop := context.AfterFunc(ctx, func() { near.Close(); far.Close() })
				defer stop()
				join(near, far)
			}()
		}
	}()
	return nil
}

// join copies both ways until both sides have ended. Each end is passed on as
// such, since an attached container is told by it that its input is over.
func join(a, b net.Conn) {
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{a, b}, {b, a}} {
		both.Go(func() {
			to, from := way[0], way[1]
			_, _ = io.Copy(to, from)
			if half, ok := to.(interface{ CloseWrite() error }); ok {
				_ = half.CloseWrite()
			} else {
				_ = to.Close()
			}
		})
	}
	both.Wait()
}

func (f *forwarder) close() error {
	if f == nil {
		return nil
	}
	var err error
	if f.listener != nil {
		f.cancel()
		err = f.listener.Close()
	}
	return errors.Join(err, os.RemoveAll(f.dir))
}
