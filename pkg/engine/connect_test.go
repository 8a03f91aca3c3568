package engine

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opengpu-network/templates/pkg/enginetest"
)

func TestConnect(t *testing.T) {
	e := local(t)
	if e.Info.ServerVersion == "" || e.APIVersion == "" || !e.Gateway.IsValid() || e.Record().Remote {
		t.Errorf("%+v", e)
	}
}

// TestConnectNextDoor reaches an engine of this machine, with the same host name
// and the same bridge, that has a network of its own: only a relay gets there.
func TestConnectNextDoor(t *testing.T) {
	near := local(t)
	t.Setenv("DOCKER_HOST", enginetest.Start(t, enginetest.Options{}).Socket)
	e, err := Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if e.Info.Name != near.Info.Name || e.Info.ID == near.Info.ID {
		t.Fatalf("the second engine is on %s, this one on %s", e.Info.Name, near.Info.Name)
	}
	if e.Gateway.IsValid() || !e.Record().Remote {
		t.Errorf("it is taken for this host's, at %s", e.Gateway)
	}
}

// TestConnectTooOld puts a proxy before the real engine that makes it look like
// one of 2018.
func TestConnectTooOld(t *testing.T) {
	socket := strings.TrimPrefix(enginetest.Local(t), "unix://")
	target, _ := url.Parse("http://engine")
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.Transport = &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}}
	proxy.ModifyResponse = func(r *http.Response) error { r.Header.Set("Api-Version", "1.38"); return nil }
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go http.Serve(listener, proxy)
	defer listener.Close()
	t.Setenv("DOCKER_HOST", "tcp://"+listener.Addr().String())
	check(t, TooOld, "speaks API 1.38, older than 1.41")
}

func TestConnectUnreachable(t *testing.T) {
	notADocker, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go http.Serve(notADocker, http.NotFoundHandler())
	defer notADocker.Close()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "config.json"), []byte(`{"currentContext":"gone"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		env  map[string]string
		want string
	}{
		"no socket":  {map[string]string{"DOCKER_HOST": "unix:///nowhere/docker.sock"}, "there is no such socket: install Docker Engine"},
		"refused":    {map[string]string{"DOCKER_HOST": "tcp://127.0.0.1:1"}, "start the engine there"},
		"no docker":  {map[string]string{"DOCKER_HOST": "tcp://" + notADocker.Addr().String()}, "cannot be reached"},
		"no context": {map[string]string{"DOCKER_HOST": "", "DOCKER_CONTEXT": "nowhere", "DOCKER_CONFIG": dir}, "check DOCKER_HOST, DOCKER_CONTEXT and `docker context ls`"},
		"no scheme":  {map[string]string{"DOCKER_HOST": "ftp://x"}, "check DOCKER_HOST"},
		"no login":   {map[string]string{"DOCKER_HOST": "ssh://nobody@127.0.0.1:1"}, "make `ssh` log in there without a password"},
	} {
		t.Run(name, func(t *testing.T) {
			for key, value := range c.env {
				t.Setenv(key, value)
			}
			check(t, Unreachable, c.want)
		})
	}
}

// check connects and expects an error.
func check(t *testing.T, kind, want string) {
	t.Helper()
	e, err := Connect(t.Context())
	var known *Error
	if !errors.As(err, &known) || known.Kind != kind || !strings.Contains(err.Error(), want) || strings.ContainsAny(err.Error(), "\r\n") {
		t.Errorf("%v %q, want %s: %s", e, err, kind, want)
	}
}
