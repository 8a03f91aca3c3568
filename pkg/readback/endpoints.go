package readback

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/moby/api/types/network"
)

// interfaceName is the option by which Compose hands a name on to the engine.
const interfaceName = "com.docker.network.endpoint.ifname"

// endpoints compares the networks that the container has joined, and how.
func (s *subject) endpoints() {
	mode := s.namespace(string(s.host.NetworkMode))
	var joined []string
	switch {
	case s.model.NetworkMode == "":
		for name := range s.model.Networks {
			joined = append(joined, s.project.Networks[name].Name)
		}
		// The mode is the name of the first network. Without networks there is none.
		if len(joined) == 0 {
			joined = []string{network.NetworkNone}
		}
		if !slices.Contains(joined, mode) {
			s.differ("network_mode", strings.Join(sorted(joined), " or "), mode)
		}
	case strings.Contains(s.model.NetworkMode, ":"):
		same(s, "network_mode", s.model.NetworkMode, mode)
	default:
		joined = []string{s.model.NetworkMode}
		same(s, "network_mode", s.model.NetworkMode, mode)
	}
	s.set("networks", joined, slices.Collect(maps.Keys(s.real.NetworkSettings.Networks)))

	for key, config := range s.model.Networks {
		name := s.project.Networks[key].Name
		if real := s.real.NetworkSettings.Networks[name]; real != nil {
			s.endpoint("networks."+key, name, deref(config), *real)
		}
	}
	for _, link := range s.host.Links {
		if !slices.Contains(s.allowedLinks(), legacyLink(link)) {
			s.differ("links", "only the links of the model", link)
		}
	}
	if s.model.NetworkMode != "" {
		for name, real := range s.real.NetworkSettings.Networks {
			if real != nil {
				s.endpoint("networks."+name, name, types.ServiceNetworkConfig{}, *real)
			}
		}
	}
}

func (s *subject) endpoint(field, name string, model types.ServiceNetworkConfig, real network.EndpointSettings) {
	// A container that has not started has no network's ID yet.
	for _, n := range s.state.Networks {
		if n.Name == name && (real.NetworkID != "" || s.runs()) {
			same(s, field, "the network "+n.ID, "the network "+real.NetworkID)
		}
	}
	required := []string{}
	if s.model.NetworkMode == "" {
		required = slices.Concat([]string{s.model.Name}, model.Aliases)
	}
	container := strings.TrimPrefix(s.real.Name, "/")
	allowed := slices.Concat(required, []string{container, s.real.ID[:min(12, len(s.real.ID))], cmp.Or(s.config.Hostname, container)})
	s.among(field+".aliases", required, allowed, real.Aliases)
	// Engines from 25 on list here all names that their DNS answers to: the container's
	// own, too, unless it is on a network without DNS, as all that only a mode names are.
	if required = append(required, container); s.model.NetworkMode != "" || s.olderThan("1.44") || !s.runs() {
		required = nil
	}
	s.among(field+".aliases", required, allowed, real.DNSNames)
	s.among("links", nil, s.allowedLinks(), real.Links)
	if s.model.NetworkMode == "" {
		s.among("links", s.requiredLinks(), s.allowedLinks(), real.Links)
	}

	options := merge(nil, model.DriverOpts)
	if model.InterfaceName != "" {
		options[interfaceName] = model.InterfaceName
	}
	s.mapping(field+".driver_opts", options, real.DriverOpts)
	same(s, field+".gw_priority", model.GatewayPriority, real.GwPriority)
	if mac := cmp.Or(model.MacAddress, s.model.MacAddress); mac != "" {
		same(s, field+".mac_address", strings.ToLower(mac), real.MacAddress.String())
	}

	config := deref(real.IPAMConfig)
	same(s, field+".ipv4_address", model.Ipv4Address, address(config.IPv4Address))
	same(s, field+".ipv6_address", model.Ipv6Address, address(config.IPv6Address))
	var local []string
	for _, ip := range config.LinkLocalIPs {
		local = append(local, address(ip))
	}
	s.set(field+".link_local_ips", model.LinkLocalIPs, local)
	for want, got := range map[string]netip.Addr{model.Ipv4Address: real.IPAddress, model.Ipv6Address: real.GlobalIPv6Address} {
		if want != "" && got.IsValid() {
			same(s, field+".ip_address", want, address(got))
		}
	}
}

// among reports what is missing, and what is there and not allowed.
func (s *subject) among(field string, required, allowed, got []string) {
	for _, name := range required {
		if !slices.Contains(got, name) {
			s.differ(field, name, showList(got))
		}
	}
	for _, name := range got {
		if !slices.Contains(allowed, name) {
			s.differ(field, "no "+name, name)
		}
	}
}

// requiredLinks are NAME:ALIAS, with the linked container's name.
func (s *subject) requiredLinks() []string {
	var links []string
	for _, link := range s.model.Links {
		service, alias, _ := strings.Cut(link, ":")
		if _, known := s.project.Services[service]; !known {
			links = append(links, service+":"+cmp.Or(alias, service))
		}
		for _, real := range s.services[service] {
			links = append(links, strings.TrimPrefix(real.Name, "/")+":"+cmp.Or(alias, service))
		}
	}
	for _, link := range s.model.ExternalLinks {
		name, alias, _ := strings.Cut(link, ":")
		links = append(links, name+":"+cmp.Or(alias, name))
	}
	return links
}

// allowedLinks has the numbered names too that Compose adds.
func (s *subject) allowedLinks() []string {
	links := s.requiredLinks()
	number := s.config.Labels["com.docker.compose.container-number"]
	for _, link := range s.model.Links {
		service, _, _ := strings.Cut(link, ":")
		for _, real := range s.services[service] {
			name := strings.TrimPrefix(real.Name, "/")
			links = append(links, fmt.Sprintf("%s:%s-%s", name, service, number), fmt.Sprintf("%s:%s-%s-%s", name, s.project.Name, service, number))
		}
	}
	return links
}

// legacyLink turns the form /NAME:/CONTAINER/ALIAS of the default bridge into
// NAME:ALIAS.
func legacyLink(link string) string {
	name, alias, _ := strings.Cut(link, ":")
	return strings.TrimPrefix(name, "/") + ":" + alias[strings.LastIndex(alias, "/")+1:]
}
