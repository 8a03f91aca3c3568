package smoke

import (
	"bytes"
	"context"
	"time"

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

// Decide says what there is to run a subject on. The engine is asked about a
// GPU only when that matters.
func (r *Runner) Decide(ctx context.Context, s Subject) (hardware.Decision, error) {
	environment := s.Environment.String()
	if s.Environment == catalog.CPU {
		return hardware.Decide(environment, r.facts, hardware.Offer{}), nil
	}
	if len(r.facts.Driver(environment).GPUs) == 0 && !r.Pretend {
		return hardware.Decide(environment, r.facts, hardware.Offer{}), nil
	}
	lease, err := r.Engine.NewLease(ctx, r.Locks, lookLimit+tidyLimit)
	if err != nil {
		return hardware.Decision{}, err
	}
	defer lease.Release(context.WithoutCancel(ctx))
	offer, err := hardware.Ask(ctx, r.Engine.API, hardware.DefaultRequest(environment), lease.Labels())
	if err != nil {
		return hardware.Decision{}, err
	}
	return hardware.Decide(environment, r.facts, offer), nil
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
		asked := s.Gpus
		if s.Deploy != nil && s.Deploy.Resources.Reservations != nil {
			asked = append(asked, s.Deploy.Resources.Reservations.Devices...)
		}
		for _, d := range asked {
			request.Devices = append(request.Devices, container.DeviceRequest{
				Driver: d.Driver, Count: int(d.Count), DeviceIDs: d.IDs, Capabilities: [][]string{d.Capabilities}, Options: d.Options,
			})
		}
		for _, d := range s.Devices {
			if isGPUDevice(d.Source) {
				request.Nodes = append(request.Nodes, container.DeviceMapping{PathOnHost: d.Source, PathInContainer: d.Target, CgroupPermissions: d.Permissions})
			}
		}
		if len(request.Devices)+len(request.Nodes) > 0 {
			return name, request
		}
	}
	return "", request
}
