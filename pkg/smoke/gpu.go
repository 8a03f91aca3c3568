package smoke

import (
	"context"
	"errors"

	"github.com/docker/compose/v5/pkg/api"
	"github.com/moby/moby/client"
	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/hardware"
	"github.com/opengpu-network/templates/pkg/record"
	"github.com/opengpu-network/templates/pkg/relay"
)

// gpuMeter shows whether a stack uses its GPU: its memory is looked at from
// before the start to the end.
type gpuMeter struct {
	service  string
	watch    *hardware.Watch
	evidence hardware.Evidence
}

// meterGPU begins to look at the GPU, if the run has one. It comes before the
// stack starts.
func (r *run) meterGPU(ctx context.Context) (*gpuMeter, error) {
	if r.Environment == catalog.CPU || r.Hardware == record.None {
		return nil, nil
	}
	service, request := r.gpuRequest()
	m := &gpuMeter{service: service}
	if service == "" {
		m.evidence.Sight = hardware.Sight{Visibility: hardware.NotVisible, Reason: "no service of the stack asks for one"}
		return m, nil
	}
	var err error
	if r.Environment == catalog.AMD {
		m.watch, err = hardware.WatchMemory(ctx, r.amdMemory)
		return m, m.untold(err)
	}
	probe := hardware.Probe{Image: r.imageIDs[service], Request: request, Labels: r.lease.Labels()}
	baseline, err := probe.Baseline(ctx, r.Engine.API)
	if err != nil {
		return m, m.untold(err)
	}
	if r.Hardware == record.Real {
		if err := hardware.Contradicts(baseline, r.facts); err != nil {
			return nil, fail(HostUnfit, "%v", err)
		}
		host := r.facts.Complete(baseline).Host()
		r.record.Host = &host
	}
	m.watch = probe.Watch(ctx, r.Engine.API, baseline)
	return m, nil
}

// untold keeps the reason why the memory cannot be told; other errors are
// returned. A lie is no such reason: it is about the template's image.
func (m *gpuMeter) untold(err error) error {
	switch {
	case errors.Is(err, hardware.ErrLie):
		return fail(GPUUnused, "it cannot be shown that the GPU was used: %v", err).of(m.service)
	case errors.Is(err, hardware.ErrUntold):
		m.evidence.Untold = err.Error()
		return nil
	default:
		return err
	}
}

// amdMemory is how much memory of the host's AMD GPUs is in use, in bytes.
func (r *run) amdMemory(ctx context.Context) (int64, error) {
	there, remote := r.vantage.(*relay.Relay)
	if !remote {
		return hardware.HostAMDMemoryUsed()
	}
	facts, err := factsFrom(ctx, there)
	if err != nil {
		return 0, err
	}
	return facts.AMDMemoryUsed()
}

// judge says whether the GPU was used, and whether that fits the manifest. The
// stack is still up.
func (m *gpuMeter) judge(ctx context.Context, r *run) error {
	if m == nil {
		return nil
	}
	if m.watch != nil {
		peak, err := m.watch.Stop()
		m.evidence.Peak = peak
		if err := m.untold(err); err != nil {
			return err
		}
	}
	if err := m.look(ctx, r); err != nil {
		return err
	}
	r.record.Peak.VRAM = m.evidence.Peak.Taken()
	why, err := m.verdict(r.Hardware, r.needs().VRAM)
	if why != "" {
		r.record.Notes = append(r.record.Notes, why)
	}
	return err
}

// verdict weighs the evidence; stated is the manifest's VRAM in bytes. What
// cannot be told keeps a run on real hardware from passing. Nothing stands
// behind a GPU that the engine only claims to have, and no such run passes:
// there it is a note.
func (m *gpuMeter) verdict(mode string, stated int64) (note string, err error) {
	used, why := m.evidence.Used()
	untold := m.evidence.Untold != "" && m.evidence.Sight.Visibility != hardware.NotVisible
	if !used && (mode == record.Real || !untold) {
		return "", fail(GPUUnused, "%s", why).of(m.service)
	}
	if over := m.evidence.Exceeds(stated); over != "" {
		return why, fail(VRAMOver, "%s", over)
	}
	return why, nil
}

// look looks into the container of the service that asks for the GPU.
func (m *gpuMeter) look(ctx context.Context, r *run) error {
	filters := make(client.Filters).Add("label", api.ProjectLabel+"="+r.lease.Project, api.ServiceLabel+"="+m.service)
	list, err := r.Engine.API.ContainerList(ctx, client.ContainerListOptions{Filters: filters})
	if err != nil || len(list.Items) == 0 {
		return err
	}
	if r.Environment == catalog.AMD {
		m.evidence.Sight, err = hardware.SeesAMD(ctx, r.Engine.API, list.Items[0].ID)
		return err
	}
	m.evidence.Sight, err = hardware.SeesNVIDIA(ctx, r.Engine.API, list.Items[0].ID)
	if r.Hardware == record.Real {
		m.evidence.Sight = m.evidence.Sight.Within(r.facts)
	}
	return err
}

// close stops looking, in a run that did not get to its end.
func (m *gpuMeter) close() {
	if m != nil && m.watch != nil {
		_, _ = m.watch.Stop()
	}
}
