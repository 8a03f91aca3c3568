// Package engine connects to the Docker engine that the environment names, as
// Docker's own command does: DOCKER_HOST, DOCKER_CONTEXT or the current
// context, over a socket, TCP, TLS or SSH.
package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/docker/cli/cli/command"
	"github.com/docker/cli/cli/config"
	"github.com/docker/cli/cli/config/configfile"
	contextdocker "github.com/docker/cli/cli/context/docker"
	"github.com/docker/cli/cli/flags"
	"github.com/moby/moby/api/types/system"
	"github.com/moby/moby/client"
	"github.com/opengpu-network/templates/pkg/record"
	"github.com/spf13/pflag"
	"golang.org/x/mod/semver"
)

// oldest is the API of Docker Engine 20.10, the oldest that providers run.
const oldest = "1.41"

// reachLimit is how long an engine may take to answer at first. Over SSH, that
// includes logging in.
const reachLimit = 30 * time.Second

// The ways in which no engine can be used.
const (
	Unreachable = "engine-unreachable"
	TooOld      = "engine-too-old"
)

// Engine is a Docker engine that answers.
type Engine struct {
	// API is the client. All of the program shares it.
	API client.APIClient
	// Host is the engine's address as configured, such as
	// "unix:///var/run/docker.sock" or "ssh://me@gpu-box".
	Host string
	// Info is what the engine says of itself.
	Info system.Info
	// APIVersion is the version of the API that both sides speak.
	APIVersion string
	// Gateway is the address at which containers find the engine's host, and
	// this program too. It is valid only when both certainly share a network; if
	// it is not, callbacks need a relay.
	Gateway netip.Addr

	// ahead is how far the engine's clock is ahead of this one. Leases go by the
	// engine's, which all machines share.
	ahead   time.Duration
	config  *configfile.ConfigFile
	forward *forwarder
}

// Error says why there is no engine to work with.
type Error struct {
	// Kind is Unreachable or TooOld.
	Kind    string
	Message string
	Remedy  string
}

func (e *Error) Error() string { return e.Message + ": " + e.Remedy }

// Connect finds the engine and makes sure that it answers and is new enough.
// Errors are of type *Error.
func Connect(ctx context.Context) (*Engine, error) {
	ctx, cancel := context.WithTimeout(ctx, reachLimit)
	defer cancel()
	// Docker's own command warns of a configuration that it cannot read, and goes
	// on with the engine of this machine, although another one may be named there.
	if _, err := config.Load(config.Dir()); err != nil {
		return nil, &Error{Unreachable, "the Docker configuration, which may name the engine, cannot be read: " + err.Error(), "make that file readable and whole, or name another folder with DOCKER_CONFIG"}
	}
	docker, err := command.NewDockerCli(command.WithBaseContext(ctx), command.WithCombinedStreams(io.Discard))
	if err != nil {
		return nil, misconfigured(err)
	}
	// The options take DOCKER_TLS_VERIFY and DOCKER_CERT_PATH as defaults of flags.
	options, none := flags.NewClientOptions(), pflag.NewFlagSet("", pflag.ContinueOnError)
	options.InstallFlags(none)
	options.SetDefaultOptions(none)
	if err := docker.Initialize(options); err != nil {
		return nil, misconfigured(err)
	}
	// The command's own accessors end the process where this returns an error.
	api, err := command.NewAPIClientFromFlags(options, docker.ConfigFile())
	if err != nil {
		return nil, misconfigured(err)
	}
	e := &Engine{API: api, Host: host(docker), config: docker.ConfigFile()}
	if err := e.greet(ctx); err != nil {
		api.Close()
		return nil, err
	}
	e.Gateway = e.gateway(ctx)
	return e, nil
}

// host is the address that the current context names.
func host(docker *command.DockerCli) string {
	metadata, err := docker.ContextStore().GetMetadata(docker.CurrentContext())
	if err != nil {
		return ""
	}
	endpoint, err := contextdocker.EndpointFromContext(metadata)
	if err != nil {
		return ""
	}
	return cmp.Or(endpoint.Host, client.DefaultDockerHost)
}

func misconfigured(err error) *Error {
	return &Error{Unreachable, "the Docker engine cannot be found: " + err.Error(), "check DOCKER_HOST, DOCKER_CONTEXT and `docker context ls`"}
}

func (e *Engine) greet(ctx context.Context) error {
	ping, err := e.API.Ping(ctx, client.PingOptions{NegotiateAPIVersion: true, ForceNegotiate: true})
	if ping.APIVersion != "" && semver.Compare("v"+ping.APIVersion, "v"+oldest) < 0 {
		return &Error{TooOld, fmt.Sprintf("the Docker engine at %s speaks API %s, older than %s", e.Host, ping.APIVersion, oldest), "providers run Docker Engine 20.10 or newer: update it"}
	}
	if err != nil {
		return e.unreachable(err)
	}
	info, err := e.API.Info(ctx, client.InfoOptions{})
	if err != nil {
		return e.unreachable(err)
	}
	if info.Info.OSType != "linux" {
		return &Error{Unreachable, fmt.Sprintf("the Docker engine at %s runs %s containers", e.Host, info.Info.OSType), "templates are Linux containers: use an engine for those"}
	}
	e.Info, e.APIVersion = info.Info, e.API.ClientVersion()
	e.Info.MemTotal = max(e.Info.MemTotal, 1<<20)
	if there, err := time.Parse(time.RFC3339Nano, e.Info.SystemTime); err == nil {
		e.ahead = time.Until(there)
	}
	return nil
}

// unreachable tells the usual reasons apart, since each has another remedy.
func (e *Engine) unreachable(err error) *Error {
	message := fmt.Sprintf("the Docker engine at %s cannot be reached", e.Host)
	text := strings.Join(strings.Fields(err.Error()), " ") // ssh ends lines as terminals do
	switch {
	case errors.Is(err, fs.ErrPermission) || strings.Contains(text, "permission denied"):
		return &Error{Unreachable, message + ": permission denied", "add your user to the group docker (`sudo usermod -aG docker $USER`, then log in again), or use rootless Docker"}
	case errors.Is(err, fs.ErrNotExist) || strings.Contains(text, "no such file or directory"):
		return &Error{Unreachable, message + ": there is no such socket", "install Docker Engine and start it (`sudo systemctl start docker`), or name an engine with DOCKER_HOST or `docker context use`"}
	case errors.Is(err, context.DeadlineExceeded):
		return &Error{Unreachable, fmt.Sprintf("%s: no answer within %s", message, reachLimit), "check that the address is right and no firewall is between"}
	case strings.HasPrefix(e.Host, "ssh://"):
		return &Error{Unreachable, message + ": " + text, "make `ssh` log in there without a password, and `docker version` work on that host"}
	default:
		return &Error{Unreachable, message + ": " + text, "start the engine there, or name another with DOCKER_HOST or `docker context use`"}
	}
}

// Address is the name or IP address of the engine's host, as far as it is known.
func (e *Engine) Address() string {
	if e.Gateway.IsValid() {
		return e.Gateway.String()
	}
	if address, err := url.Parse(e.Host); err == nil && address.Hostname() != "" {
		return address.Hostname()
	}
	return "the-engine's-host"
}

// Credentials returns what the user's Docker configuration holds for an image's
// registry, in the form that the engine wants. A helper program may have to be
// asked, which knows no limit.
func (e *Engine) Credentials(ctx context.Context, image string) (string, error) {
	type answer struct {
		token string
		err   error
	}
	asked := make(chan answer, 1)
	go func() {
		token, err := command.RetrieveAuthTokenFromImage(e.config, image)
		asked <- answer{token, err}
	}()
	select {
	case got := <-asked:
		return got.token, got.err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

// Record describes the engine.
func (e *Engine) Record() *record.Engine {
	return &record.Engine{
		Version: e.Info.ServerVersion, APIVersion: e.APIVersion, OS: e.Info.OperatingSystem, Arch: e.Info.Architecture,
		Kernel: e.Info.KernelVersion, Remote: !e.Gateway.IsValid(),
	}
}

// Close lets go of the engine.
func (e *Engine) Close() error {
	return errors.Join(e.forward.close(), e.API.Close())
}
