package readback

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/moby/api/types/network"
)

// networks compares the networks of the project. Compose makes those that a
// service uses; one from outside of the project cannot be compared.
func (c *comparison) networks() {
	byName := map[string]string{}
	for _, key := range c.project.NetworkNames() {
		model := c.project.Networks[key]
		if model.External {
			c.differ("", "networks."+key+".external", "a network of the project", "one from outside")
			continue
		}
		byName[model.Name] = key
		at := slices.IndexFunc(c.state.Networks, func(n network.Inspect) bool { return n.Name == model.Name })
		if at >= 0 {
			c.network("networks."+key, model, c.state.Networks[at])
		} else if c.usesNetwork(key) {
			c.differ("", "networks."+key, model.Name, "no such network")
		}
	}
	for i, real := range c.state.Networks {
		if _, ok := byName[real.Name]; !ok {
			c.differ("", "networks", "no network "+real.Name, real.Name)
		}
		if slices.ContainsFunc(c.state.Networks[:i], func(n network.Inspect) bool { return n.Name == real.Name }) {
			c.differ("", "networks", "one network "+real.Name, "several")
		}
	}
}

func (c *comparison) network(field string, model types.NetworkConfig, real network.Inspect) {
	is := func(name, want, got string) {
		if want != got {
			c.differ("", field+name, show(want), show(got))
		}
	}
	truth := func(name string, want, got bool) { is(name, strconv.FormatBool(want), strconv.FormatBool(got)) }
	is(".driver", cmp.Or(model.Driver, "bridge"), real.Driver)
	is(".scope", "local", real.Scope)
	truth(".internal", model.Internal, real.Internal)
	truth(".attachable", model.Attachable, real.Attachable)
	truth(".enable_ipv6", deref(model.EnableIPv6), real.EnableIPv6)
	// Engines before 28 do not tell, and always have it.
	if !c.olderThan("1.48") {
		truth(".enable_ipv4", model.EnableIPv4 == nil || *model.EnableIPv4, real.EnableIPv4)
	}
	truth(".ingress", false, real.Ingress)
	truth(".config_only", false, real.ConfigOnly)
	is(".config_from", "", real.ConfigFrom.Network)

	options := merge(nil, real.Options)
	for name, value := range map[string]string{
		// Engines from 28 on repeat these here.
		"com.docker.network.enable_ipv4": strconv.FormatBool(real.EnableIPv4),
		"com.docker.network.enable_ipv6": strconv.FormatBool(real.EnableIPv6),
		// An engine's default-network-opts may set it for all networks.
		"com.docker.network.driver.mtu": real.Options["com.docker.network.driver.mtu"],
	} {
		if _, wanted := model.DriverOpts[name]; !wanted && options[name] == value {
			delete(options, name)
		}
	}
	c.mapping("", field+".driver_opts", model.DriverOpts, options)
	// The compose module of testcontainers puts its own labels in the place of
	// a network's: one may be missing, but none may say something else.
	labels := withoutHarness(model.Labels)
	maps.DeleteFunc(labels, func(name, _ string) bool { _, there := real.Labels[name]; return !there })
	c.mapping("", field+".labels", labels, withoutHarness(real.Labels))

	is(".ipam.driver", cmp.Or(model.Ipam.Driver, "default"), cmp.Or(real.IPAM.Driver, "default"))
	c.mapping("", field+".ipam.options", model.Ipam.Options, real.IPAM.Options)
	if len(model.Ipam.Config) > 0 {
		c.pools(field, model, real)
	}
	for id, endpoint := range real.Containers {
		known := slices.Contains(c.state.Helpers, id)
		for _, container := range c.state.Containers {
			known = known || container.ID == id
		}
		if !known {
			c.differ("", field, "only containers of the project", endpoint.Name)
		}
	}
}

// pools compares the address pools, where the model chooses them. A gateway
// that it does not choose is the engine's choice.
func (c *comparison) pools(field string, model types.NetworkConfig, real network.Inspect) {
	if len(model.Ipam.Config) != len(real.IPAM.Config) {
		c.differ("", field+".ipam.config", fmt.Sprintf("%d pools", len(model.Ipam.Config)), fmt.Sprintf("%d pools", len(real.IPAM.Config)))
		return
	}
	for i, want := range model.Ipam.Config {
		got := real.IPAM.Config[i]
		if subnet := got.Subnet.String(); want.Subnet != "" && want.Subnet != subnet {
			c.differ("", field+".ipam.config", want.Subnet, subnet)
		}
		if gateway := address(got.Gateway); want.Gateway != "" && want.Gateway != gateway {
			c.differ("", field+".ipam.config", "gateway "+want.Gateway, "gateway "+gateway)
		}
		ipRange := ""
		if got.IPRange.IsValid() {
			ipRange = got.IPRange.String()
		}
		if want.IPRange != ipRange {
			c.differ("", field+".ipam.config", "range "+want.IPRange, "range "+ipRange)
		}
		aux := map[string]string{}
		for name, ip := range got.AuxAddress {
			aux[name] = address(ip)
		}
		c.mapping("", field+".ipam.config", want.AuxiliaryAddresses, aux)
	}
}

func (c *comparison) usesNetwork(key string) bool {
	for _, service := range c.project.Services {
		if _, ok := service.Networks[key]; ok {
			return true
		}
	}
	return false
}

// volumes compares the named volumes of the project.
func (c *comparison) volumes() {
	known := map[string]bool{}
	for _, key := range c.project.VolumeNames() {
		model, field := c.project.Volumes[key], "volumes."+key
		if model.External {
			c.differ("", field+".external", "a volume of the project", "one from outside")
			continue
		}
		known[model.Name] = true
		found := false
		for _, real := range c.state.Volumes {
			if real.Name != model.Name {
				continue
			}
			found = true
			if driver := cmp.Or(model.Driver, "local"); driver != real.Driver {
				c.differ("", field+".driver", driver, real.Driver)
			}
			if real.Scope != "local" || real.ClusterVolume != nil {
				c.differ("", field+".scope", "local", real.Scope)
			}
			c.mapping("", field+".driver_opts", model.DriverOpts, real.Options)
			c.mapping("", field+".labels", withoutHarness(model.Labels), withoutHarness(real.Labels))
		}
		if !found && c.usesVolume(key) {
			c.differ("", field, model.Name, "no such volume with the project's label")
		}
	}
	for _, real := range c.state.Volumes {
		if !known[real.Name] {
			c.differ("", "volumes", "no volume "+real.Name, strings.TrimSpace(real.Driver+" "+real.Name))
		}
	}
}

func (c *comparison) usesVolume(key string) bool {
	for _, service := range c.project.Services {
		for _, v := range service.Volumes {
			if v.Type == types.VolumeTypeVolume && v.Source == key {
				return true
			}
		}
	}
	return false
}
