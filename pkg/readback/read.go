package readback

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/image"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/api/types/volume"
	"github.com/moby/moby/client"
)

// What a stack may have at most, far above what one that passes lint has. An
// engine that answers with more is not looked at further.
const (
	maxContainers = 256
	maxNetworks   = 64
	maxVolumes    = 256
	readTimeout   = time.Minute
)

// projectLabel is on everything that Compose makes for a project.
const projectLabel = "com.docker.compose.project"

// State is the real configuration of a project, as the engine tells it.
type State struct {
	// Containers are all containers of the project, stopped ones included.
	Containers []container.InspectResponse
	// Images are those of the containers, by the ID that containers name. They
	// tell what an image itself declares.
	Images map[string]image.InspectResponse
	// Networks and Volumes are those that carry the project's label.
	Networks []network.Inspect
	Volumes  []volume.Volume
	Engine   Engine
	// Unknown are the fields of a container's configuration, by its ID, that
	// the engine knows and this program does not, and that are not empty.
	Unknown map[string][]string

	// Expected is the ID of the image that was pulled or built for each service
	// before the start. Read leaves it empty: only the caller knows.
	Expected map[string]string
	// Helpers are the IDs of the containers that the tool itself has put beside
	// the stack, under the project's label. They are no part of the model. Read
	// leaves it empty.
	Helpers []string
}

// Engine is what the defaults of a container depend on.
type Engine struct {
	// APIVersion is the newest that the engine speaks, such as "1.41".
	APIVersion string
	// CgroupVersion is "1" or "2".
	CgroupVersion string
	// SwapLimit is whether the kernel can limit swap.
	SwapLimit bool
	// Unlimited are the fields whose limits the engine notes and does not apply, such as
	// "memory": a rootless one has no control groups where these are of version 1.
	Unlimited []string
	// PrivateCgroups is whether containers get a cgroup namespace of their own
	// when nothing is said.
	PrivateCgroups bool
	LoggingDriver  string
	DefaultRuntime string
}

// Read reads the state of all that carries the label of the project from an engine,
// of which ReadEngine tells what is the same for all projects. It takes a minute at
// most, and fails when the engine does not answer or answers with more than any
// stack has.
func Read(ctx context.Context, cli client.APIClient, engine Engine, projectName string) (State, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	state := State{Engine: engine, Images: map[string]image.InspectResponse{}, Unknown: map[string][]string{}}
	of := func() client.Filters { return make(client.Filters).Add("label", projectLabel+"="+projectName) }

	containers, err := cli.ContainerList(ctx, client.ContainerListOptions{All: true, Limit: maxContainers + 1, Filters: of()})
	if err != nil {
		return State{}, fmt.Errorf("list the stack's containers: %w", err)
	}
	if err := atMost(len(containers.Items), maxContainers, "containers"); err != nil {
		return State{}, err
	}
	for _, item := range containers.Items {
		if err := state.readContainer(ctx, cli, item.ID); err != nil {
			return State{}, err
		}
	}

	networks, err := cli.NetworkList(ctx, client.NetworkListOptions{Filters: of()})
	if err != nil {
		return State{}, fmt.Errorf("list the stack's networks: %w", err)
	}
	if err := atMost(len(networks.Items), maxNetworks, "networks"); err != nil {
		return State{}, err
	}
	for _, item := range networks.Items {
		inspected, err := cli.NetworkInspect(ctx, item.ID, client.NetworkInspectOptions{})
		if errdefs.IsNotFound(err) {
			continue
		}
		if err != nil {
			return State{}, fmt.Errorf("inspect the network %.80q: %w", item.Name, err)
		}
		state.Networks = append(state.Networks, inspected.Network)
	}

	volumes, err := cli.VolumeList(ctx, client.VolumeListOptions{Filters: of()})
	if err != nil {
		return State{}, fmt.Errorf("list the stack's volumes: %w", err)
	}
	if err := atMost(len(volumes.Items), maxVolumes, "volumes"); err != nil {
		return State{}, err
	}
	state.Volumes = volumes.Items
	return state, nil
}

// ReadEngine asks an engine what the defaults of its containers depend on. Telling
// that takes it longer than telling of a whole stack.
func ReadEngine(ctx context.Context, cli client.APIClient) (Engine, error) {
	version, err := cli.ServerVersion(ctx, client.ServerVersionOptions{})
	if err != nil {
		return Engine{}, fmt.Errorf("ask the engine for its version: %w", err)
	}
	result, err := cli.Info(ctx, client.InfoOptions{})
	if err != nil {
		return Engine{}, fmt.Errorf("ask the engine for its settings: %w", err)
	}
	info := result.Info
	var unlimited []string
	for field, limits := range map[string]bool{"cpus": info.CPUCfsQuota, "memory": info.MemoryLimit, "pids_limit": info.PidsLimit} {
		if !limits {
			unlimited = append(unlimited, field)
		}
	}
	slices.Sort(unlimited)
	return Engine{
		APIVersion: version.APIVersion, CgroupVersion: info.CgroupVersion, SwapLimit: info.SwapLimit, Unlimited: unlimited,
		// The engine lists this among its security options exactly when its
		// setting default-cgroupns-mode is private.
		PrivateCgroups: slices.Contains(info.SecurityOptions, "name=cgroupns"),
		LoggingDriver:  info.LoggingDriver, DefaultRuntime: info.DefaultRuntime,
	}, nil
}

func (s *State) readContainer(ctx context.Context, cli client.APIClient, id string) error {
	result, err := cli.ContainerInspect(ctx, id, client.ContainerInspectOptions{})
	if errdefs.IsNotFound(err) {
		// It has gone since the list was made. If the model has it, it is missed.
		return nil
	}
	if err != nil {
		return fmt.Errorf("inspect the container %.12s: %w", id, err)
	}
	c := result.Container
	s.Containers = append(s.Containers, c)
	if unknown := unknownFields(result.Raw); len(unknown) > 0 {
		s.Unknown[c.ID] = unknown
	}
	if _, known := s.Images[c.Image]; known || c.Image == "" {
		return nil
	}
	inspected, err := cli.ImageInspect(ctx, c.Image)
	if errdefs.IsNotFound(err) {
		// The image was removed under the container; without it nothing says
		// what it declares, which Compare reports.
		return nil
	}
	if err != nil {
		return fmt.Errorf("inspect the image %.80q: %w", c.Image, err)
	}
	s.Images[c.Image] = inspected.InspectResponse
	return nil
}

// unknownFields are those of a container's configuration that have a value and
// that the API's types have no field for, as "HostConfig.Name".
func unknownFields(raw json.RawMessage) []string {
	var given, known struct{ Config, HostConfig map[string]json.RawMessage }
	var typed container.InspectResponse
	if json.Unmarshal(raw, &given) != nil || json.Unmarshal(raw, &typed) != nil {
		return nil
	}
	// omitempty leaves only fields out that are empty, and these do not matter.
	data, err := json.Marshal(typed)
	if err != nil || json.Unmarshal(data, &known) != nil {
		return nil
	}
	var unknown []string
	for section, pair := range map[string][2]map[string]json.RawMessage{
		"Config": {given.Config, known.Config}, "HostConfig": {given.HostConfig, known.HostConfig},
	} {
		for _, name := range slices.Sorted(maps.Keys(pair[0])) {
			if _, ok := pair[1][name]; !ok && !isEmpty(pair[0][name]) {
				unknown = append(unknown, section+"."+name)
			}
		}
	}
	slices.Sort(unknown)
	return unknown
}

func isEmpty(value json.RawMessage) bool {
	switch string(bytes.TrimSpace(value)) {
	case "null", "false", "0", `""`, "[]", "{}":
		return true
	}
	return false
}

func atMost(n, limit int, what string) error {
	if n > limit {
		return fmt.Errorf("the stack has more than %d %s: remove those that are not its own, and start it again", limit, what)
	}
	return nil
}
