package relay

import (
	"context"
	"errors"
	"net/netip"
	"strconv"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"
)

const (
	// user is nobody, on every Linux.
	user = "65534:65534"
	// memoryBytes is the container's limit, heapBytes the one that Go's
	// collector keeps to below it: all connections' windows fit in twice.
	memoryBytes = 256 << 20
	heapBytes   = 160 << 20
	maxThreads  = 64
)

var callbackPort = network.MustParsePort(strconv.Itoa(containerPort) + "/tcp")

// containerOptions describe a container that may do nothing but use the
// network.
func containerOptions(image string, options Options) client.ContainerCreateOptions {
	threads := int64(maxThreads)
	return client.ContainerCreateOptions{
		Name: options.Name,
		Config: &container.Config{
			Image:       image,
			User:        user,
			Entrypoint:  []string{binaryPath},
			Env:         []string{"GOMEMLIMIT=" + strconv.Itoa(heapBytes), "GOMAXPROCS=2"},
			Labels:      options.Labels,
			AttachStdin: true, AttachStdout: true, AttachStderr: true,
			// The relay ends with the connection of the one who started it.
			OpenStdin: true, StdinOnce: true,
			ExposedPorts: network.PortSet{callbackPort: {}},
		},
		HostConfig: &container.HostConfig{
			// Its output is what it carries: nothing to keep.
			LogConfig:      container.LogConfig{Type: "none"},
			NetworkMode:    "bridge",
			ExtraHosts:     []string{hostName + ":host-gateway"},
			PortBindings:   network.PortMap{callbackPort: {{HostIP: netip.IPv4Unspecified()}}},
			ReadonlyRootfs: true,
			CapDrop:        []string{"ALL"},
			SecurityOpt:    []string{"no-new-privileges"},
			IpcMode:        container.IPCModePrivate,
			RestartPolicy:  container.RestartPolicy{Name: container.RestartPolicyDisabled},
			Resources: container.Resources{
				Memory:     memoryBytes,
				MemorySwap: memoryBytes, // no swap
				PidsLimit:  &threads,
				// Rules give access to no device without its node.
				DeviceCgroupRules: options.DeviceRules,
			},
		},
	}
}

// publishedPort is the port of the engine's host that leads to the relay.
func publishedPort(ctx context.Context, engine client.APIClient, id string) (int, error) {
	result, err := engine.ContainerInspect(ctx, id, client.ContainerInspectOptions{})
	if err != nil {
		return 0, err
	}
	if settings := result.Container.NetworkSettings; settings != nil {
		for _, binding := range settings.Ports[callbackPort] {
			port, err := strconv.ParseUint(binding.HostPort, 10, 16)
			if err == nil && port > 0 && !binding.HostIP.Is6() {
				return int(port), nil
			}
		}
	}
	return 0, errors.New("the engine did not publish the relay's port for callbacks; see the engine's log")
}
