package engine

import (
	"context"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"

	"github.com/moby/moby/client"
)

// gateway is the address of the engine's default bridge, when the engine shares
// this program's network. `host-gateway` stands for it in containers, unless the
// engine says otherwise. Where that is not certain, a relay does as well.
func (e *Engine) gateway(ctx context.Context) netip.Addr {
	name, err := os.Hostname()
	if err != nil || name != e.Info.Name || !e.listensHere() {
		return netip.Addr{}
	}
	bridge, err := e.API.NetworkInspect(ctx, "bridge", client.NetworkInspectOptions{})
	if err != nil {
		return netip.Addr{}
	}
	ours, err := net.InterfaceAddrs()
	if err != nil {
		return netip.Addr{}
	}
	for _, config := range bridge.Network.IPAM.Config {
		for _, address := range ours {
			// Engine 20.10 names the subnet and not the gateway.
			if prefix, err := netip.ParsePrefix(address.String()); err == nil && prefix.Addr().Is4() && config.Subnet.Contains(prefix.Addr()) {
				return prefix.Addr()
			}
		}
	}
	return netip.Addr{}
}

// listensHere is true when the engine's socket was made in this program's
// network namespace. A name, and the subnet that every engine's bridge has by
// default, do not tell engines of one machine apart: one of them may be
// rootless, or in a container.
func (e *Engine) listensHere() bool {
	path, local := strings.CutPrefix(e.Host, "unix://")
	if !local || slices.ContainsFunc(e.Info.SecurityOptions, func(option string) bool { return strings.Contains(option, "name=rootless") }) {
		return false
	}
	socket, err := os.Stat(path)
	if err != nil {
		return false
	}
	// The kernel lists the sockets of this namespace only, and to anybody.
	list, err := os.ReadFile("/proc/net/unix")
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(list)) {
		// Num, RefCount, Protocol, Flags, Type, St, Inode and the path.
		fields := strings.Fields(line)
		_, bound, found := strings.Cut(strings.TrimSuffix(line, "\n"), " /")
		if !found || len(fields) < 8 || fields[3] != listening {
			continue
		}
		if same, err := os.Stat("/" + bound); err == nil && os.SameFile(socket, same) {
			return true
		}
	}
	return false
}

// listening are the flags of a socket that accepts connections.
const listening = "00010000"
