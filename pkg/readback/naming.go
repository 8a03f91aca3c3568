package readback

import (
	"cmp"
	"strings"
)

// naming compares the container's own names, and those that it knows.
func (s *subject) naming() {
	// Sharing a host's or another container's names, it also takes theirs.
	shared := s.model.NetworkMode == "host" || s.model.Uts == "host" || strings.Contains(s.model.NetworkMode, ":")
	if s.model.Hostname != "" || !shared {
		same(s, "hostname", cmp.Or(s.model.Hostname, s.real.ID[:min(12, len(s.real.ID))]), s.config.Hostname)
	}
	if s.model.DomainName != "" || !shared {
		same(s, "domainname", s.model.DomainName, s.config.Domainname)
	}

	// The engine looks host-gateway up when it writes the container's hosts
	// file, and tells it as it was asked for.
	var hosts []string
	for _, host := range s.host.ExtraHosts {
		// Some clients ask for HOST=ADDRESS; the address may have colons itself.
		if name, ip, ok := strings.Cut(host, "="); ok && !strings.Contains(name, ":") {
			host = name + ":" + ip
		}
		hosts = append(hosts, host)
	}
	s.set("extra_hosts", s.model.ExtraHosts.AsList(":"), hosts)

	var servers []string
	for _, ip := range s.host.DNS {
		servers = append(servers, address(ip))
	}
	s.list("dns", s.model.DNS, servers)
	s.list("dns_search", s.model.DNSSearch, s.host.DNSSearch)
	s.list("dns_opt", s.model.DNSOpts, s.host.DNSOptions)
}
