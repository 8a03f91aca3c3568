// Package readback holds the real configuration of a stack's containers, as the
// engine tells it, against the compose model that they were started from. What
// is expected is derived from the Compose Specification and from the engine's
// documented defaults, and not from the code that starts stacks.
//
// It is closed by default: what the model does not ask for has to be at the
// engine's default, and what cannot be compared is a difference.
package readback

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	ocispec "github.com/moby/docker-image-spec/specs-go/v1"
	"github.com/moby/moby/api/types/container"
)

// Difference is one thing in which a container is not what the model says.
type Difference struct {
	// Service is the service's name, or the container's where it has none; it
	// is empty for networks and volumes.
	Service string
	// Field is in the terms of the Compose Specification, such as "cap_add".
	Field string
	// Want and Got are short and for people.
	Want, Got string
}

// Compare holds the real configuration of a project's containers against the
// compose model that they were started from. The differences are in the order
// of their services and fields; none means that what runs is what the model
// says.
func Compare(project *types.Project, actual State) []Difference {
	c := &comparison{project: project, state: actual, services: map[string][]container.InspectResponse{}}
	c.group()
	for _, name := range project.ServiceNames() {
		model := project.Services[name]
		model.Name = name
		c.service(model)
	}
	c.networks()
	c.volumes()
	slices.SortStableFunc(c.differences, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Field, b.Field), cmp.Compare(a.Want, b.Want), cmp.Compare(a.Got, b.Got))
	})
	return slices.Compact(c.differences)
}

// comparison is the state of one call of Compare.
type comparison struct {
	project     *types.Project
	state       State
	services    map[string][]container.InspectResponse
	differences []Difference
}

// subject is one container beside what the model says of it.
type subject struct {
	*comparison
	model  types.ServiceConfig
	real   container.InspectResponse
	config container.Config
	host   container.HostConfig
	// declared is what the container's image itself says.
	declared ocispec.DockerOCIImageConfig
}

// group sorts the containers by their services. One that belongs to none is a
// difference, unless the tool has put it there.
func (c *comparison) group() {
	for _, real := range c.state.Containers {
		if slices.Contains(c.state.Helpers, real.ID) {
			continue
		}
		name := strings.TrimPrefix(real.Name, "/")
		if real.Config == nil || real.HostConfig == nil || real.NetworkSettings == nil {
			c.differ(name, "services", "a configuration", "the engine tells none")
			continue
		}
		labels := real.Config.Labels
		service := labels["com.docker.compose.service"]
		_, known := c.project.Services[service]
		switch {
		case labels[projectLabel] != c.project.Name:
			c.differ(name, "services", "containers of the project "+c.project.Name, "one of the project "+labels[projectLabel])
		case !known:
			c.differ(cmp.Or(service, name), "services", "no such container", name+" of the image "+real.Config.Image)
		case labels["com.docker.compose.oneoff"] == "True" || labels["com.docker.compose.hook"] != "":
			c.differ(service, "services", "no container beside the service", name)
		default:
			c.services[service] = append(c.services[service], real)
		}
	}
}

func (c *comparison) service(model types.ServiceConfig) {
	scale, containers := model.GetScale(), c.services[model.Name]
	if len(containers) != scale {
		c.differ(model.Name, "scale", strconv.Itoa(scale), strconv.Itoa(len(containers)))
	}
	for _, real := range containers {
		s := subject{comparison: c, model: model, real: real, config: *real.Config, host: *real.HostConfig}
		s.names(scale)
		s.image()
		s.process()
		s.environment()
		s.labels()
		s.healthcheck()
		s.isolation()
		s.security()
		s.devices()
		s.limits()
		s.mounts()
		s.ports()
		s.endpoints()
		s.naming()
		s.unused()
	}
}

func (s *subject) names(scale int) {
	var names []string
	if s.model.ContainerName != "" {
		names = []string{s.model.ContainerName}
	} else {
		for n := 1; n <= min(scale, maxContainers); n++ {
			names = append(names, fmt.Sprintf("%s-%s-%d", s.project.Name, s.model.Name, n))
		}
	}
	if name := strings.TrimPrefix(s.real.Name, "/"); !slices.Contains(names, name) {
		s.differ("container_name", strings.Join(names, " or "), name)
	}
}

// unused are the settings that no compose file can ask for.
func (s *subject) unused() {
	for _, name := range s.state.Unknown[s.real.ID] {
		// Engines before 25 report the address here too; it is compared where
		// the networks are.
		if name != "Config.MacAddress" {
			s.differ(name, "nothing that this version of ogpu-tpl does not know", "a value")
		}
	}
	same(s, "AutoRemove", false, s.host.AutoRemove)
	same(s, "ContainerIDFile", "", s.host.ContainerIDFile)
	same(s, "ConsoleSize", [2]uint{}, s.host.ConsoleSize)
	same(s, "Cgroup", "", s.host.Cgroup)
	same(s, "PublishAllPorts", false, s.host.PublishAllPorts)
	same(s, "CpusetMems", "", s.host.CpusetMems)
	same(s, "IOMaximumIOps", 0, s.host.IOMaximumIOps)
	same(s, "IOMaximumBandwidth", 0, s.host.IOMaximumBandwidth)
	same(s, "AttachStdin", false, s.config.AttachStdin)
	same(s, "StdinOnce", false, s.config.StdinOnce)
	same(s, "NetworkDisabled", false, s.config.NetworkDisabled)
	s.set("OnBuild", nil, s.config.OnBuild)
	if s.config.ArgsEscaped {
		//lint:ignore SA1019 an old image may still say so, and then the container does
		same(s, "ArgsEscaped", s.declared.ArgsEscaped, true)
	}
	if len(s.config.Shell) > 0 {
		s.list("Shell", s.declared.Shell, s.config.Shell)
	}
}

// owner says whose container has the ID, as "service:NAME", in the form that
// a model names it in. A container outside of the project stays what it is.
func (c *comparison) owner(id string) string {
	for _, name := range slices.Sorted(maps.Keys(c.services)) {
		for _, real := range c.services[name] {
			if real.ID == id || strings.TrimPrefix(real.Name, "/") == id {
				return types.ServicePrefix + name
			}
		}
	}
	return types.ContainerPrefix + id
}
