package smoke

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/moby/api/types/container"
	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/hardware"
	"github.com/opengpu-network/templates/pkg/relay"
)

// lookLimit is how long the first look at a host may take.
const lookLimit = 5 * time.Minute

// LookAt learns what hardware the engine's host has. It comes before the first
// run.
func (r *Runner) LookAt(ctx context.Context) (err error) {
	if r.Engine.Gateway.IsValid() {
		r.facts, err = hardware.ReadHost()
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, lookLimit)
	defer cancel()
	lease, err := r.Engine.NewLease(ctx, r.Locks, lookLimit+tidyLimit)
	if err != nil {
		return err
	}
	defer lease.Release(context.WithoutCancel(ctx))
	there, err := relay.Start(ctx, r.Engine.API, relay.Options{Binary: r.Binary, Labels: lease.Labels(), DeviceRules: hardware.ProbeDeviceRules()})
	if err != nil {
		return err
	}
	defer there.Close()
	r.facts, err = factsFrom(ctx, there)
	return err
}

// factsFrom asks a relay about its host.
func factsFrom(ctx context.Context, there *relay.Relay) (hardware.Facts, error) {
	text, err := there.About(ctx)
	if err != nil {
		return hardware.Facts{}, err
	}
	return hardware.DecodeFacts(bytes.NewReader(text))
}

// Decide says what there is to run a subject on. The engine is asked about the
// GPU also when the host's kernel knows none: when it claims to have one, the
// decision says so.
func (r *Runner) Decide(ctx context.Context, s Subject) (hardware.Decision, error) {
	environment := s.Environment.String()
	if s.Environment == catalog.CPU {
		return hardware.Decide(environment, r.facts, hardware.Offer{}), nil
	}
	offer, err := r.offers.of(environment, func() (hardware.Offer, error) { return r.ask(ctx, environment) })
	// Without a GPU the answer changes nothing but the reason.
	if err != nil && (r.Pretend || len(r.facts.Driver(environment).GPUs) > 0 || ctx.Err() != nil) {
		return hardware.Decision{}, err
	}
	return hardware.Decide(environment, r.facts, offer), nil
}

// ask asks the engine whether it hands out a GPU of the environment.
func (r *Runner) ask(ctx context.Context, environment string) (hardware.Offer, error) {
	lease, err := r.Engine.NewLease(ctx, r.Locks, lookLimit+tidyLimit)
	if err != nil {
		return hardware.Offer{}, err
	}
	defer lease.Release(context.WithoutCancel(ctx))
	return hardware.Ask(ctx, r.Engine.API, hardware.DefaultRequest(environment), lease.Labels())
}

// offers are the engine's answers by environment, so that it is asked once.
type offers struct {
	mu    sync.Mutex
	known map[string]hardware.Offer
}

// of returns the offer for an environment. An error is not kept.
func (o *offers) of(environment string, ask func() (hardware.Offer, error)) (hardware.Offer, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if offer, known := o.known[environment]; known {
		return offer, nil
	}
	offer, err := ask()
	if err != nil {
		return hardware.Offer{}, err
	}
	if o.known == nil {
		o.known = map[string]hardware.Offer{}
	}
	o.known[environment] = offer
	return offer, nil
}

// needs are what the manifest states for the environment.
func (r *run) needs() hardware.Needs {
	spec := r.Template.Manifest.Environments.Get(r.Environment)
	if spec == nil {
		return hardware.Needs{}
	}
	h := spec.Hardware
	return hardware.Needs{
		VRAM: int64(h.VRAM), RAM: int64(h.RAM), CPUs: h.CPUs, Driver: h.Driver, ComputeCapability: h.ComputeCapability, GFX: h.GFX,
	}
}

// gpuRequest is what the stack asks of the engine to get a GPU, and the service
// that asks. The service is empty when none does.
func (r *run) gpuRequest() (service string, request hardware.Request) {
	for _, name := range r.project.ServiceNames() {
		s := r.project.Services[name]
		for _, d := range s.Gpus {
			// Compose adds what `gpus` leaves out.
			request.Devices = append(request.Devices, deviceRequest(d, slices.Concat(d.Capabilities, []string{"gpu"})))
		}
		if s.Deploy != nil && s.Deploy.Resources.Reservations != nil {
			for _, d := range s.Deploy.Resources.Reservations.Devices {
				request.Devices = append(request.Devices, deviceRequest(d, d.Capabilities))
			}
		}
		for _, d := range s.Devices {
			switch {
			case !isGPUDevice(d.Source):
			case strings.HasPrefix(d.Source, "/"):
				request.Nodes = append(request.Nodes, container.DeviceMapping{PathOnHost: d.Source, PathInContainer: d.Target, CgroupPermissions: d.Permissions})
			default: // The name of a CDI device.
				request.Devices = append(request.Devices, container.DeviceRequest{Driver: "cdi", DeviceIDs: []string{d.Source}})
			}
		}
		if len(request.Devices)+len(request.Nodes) > 0 {
			return name, request
		}
	}
	return "", request
}

func deviceRequest(d types.DeviceRequest, capabilities []string) container.DeviceRequest {
	return container.DeviceRequest{
		Driver: d.Driver, Count: int(d.Count), DeviceIDs: d.IDs, Capabilities: [][]string{capabilities}, Options: d.Options,
	}
}
