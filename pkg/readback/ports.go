package readback

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/moby/api/types/network"
)

// ports compares what was asked to be published, and what is. Ports that are
// only exposed are reached by nobody outside of the stack.
func (s *subject) ports() {
	var want, got []string
	for _, port := range s.model.Ports {
		want = append(want, published(port.HostIP, port.Published, port.Target, port.Protocol))
	}
	for port, bindings := range s.host.PortBindings {
		for _, binding := range bindings {
			got = append(got, published(address(binding.HostIP), binding.HostPort, uint32(port.Num()), string(port.Proto())))
		}
	}
	s.set("ports", want, got)

	open, others := make([]bool, len(s.model.Ports)), false
	for port, bindings := range s.real.NetworkSettings.Ports {
		for _, binding := range bindings {
			at := slices.IndexFunc(s.model.Ports, func(model types.ServicePortConfig) bool { return publishes(model, port, binding) })
			if at < 0 {
				others = true
				text := published(address(binding.HostIP), binding.HostPort, uint32(port.Num()), string(port.Proto()))
				s.differ("ports", "only what the model publishes", text+" is open")
				continue
			}
			for i, model := range s.model.Ports {
				open[i] = open[i] || publishes(model, port, binding)
			}
		}
	}
	if others || !s.runs() || !s.reachesOut() {
		return
	}
	for i, port := range s.model.Ports {
		if !open[i] {
			s.differ("ports", published(port.HostIP, port.Published, port.Target, port.Protocol)+" open", "not open")
		}
	}
}

// runs tells whether the container's process runs now, and so has its networks.
func (s *subject) runs() bool {
	return s.real.State != nil && s.real.State.Running && !s.real.State.Restarting
}

// reachesOut tells whether the container is on a network on which the engine
// publishes ports; on internal ones it does not.
func (s *subject) reachesOut() bool {
	if s.model.NetworkMode != "" {
		return s.model.NetworkMode == "bridge"
	}
	for name := range s.model.Networks {
		if !s.project.Networks[name].Internal {
			return true
		}
	}
	return false
}

func publishes(model types.ServicePortConfig, port network.Port, binding network.PortBinding) bool {
	if uint32(port.Num()) != model.Target || string(port.Proto()) != cmp.Or(model.Protocol, "tcp") {
		return false
	}
	// Without an address the engine opens a port on all, of both families.
	if got := address(binding.HostIP); got != model.HostIP && (model.HostIP != "" || (got != "0.0.0.0" && got != "::")) {
		return false
	}
	if model.Published == "" || model.Published == "0" {
		return true
	}
	first, last, isRange := strings.Cut(model.Published, "-")
	if !isRange {
		return binding.HostPort == first
	}
	low, err1 := strconv.Atoi(first)
	high, err2 := strconv.Atoi(last)
	got, err3 := strconv.Atoi(binding.HostPort)
	return err1 == nil && err2 == nil && err3 == nil && low <= got && got <= high
}

func published(ip, port string, target uint32, protocol string) string {
	return fmt.Sprintf("%s:%s->%d/%s", cmp.Or(ip, "*"), cmp.Or(port, "0"), target, cmp.Or(protocol, "tcp"))
}

func address(ip netip.Addr) string {
	if !ip.IsValid() {
		return ""
	}
	return ip.String()
}
