package readback_test

import (
	"cmp"
	"encoding/json"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/api/types/blkiodev"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"

	"github.com/opengpu-network/templates/pkg/readback"
)

// of finds the first container of a service.
func of(t *testing.T, state *readback.State, service string) *container.InspectResponse {
	t.Helper()
	for i := range state.Containers {
		if state.Containers[i].Config.Labels["com.docker.compose.service"] == service {
			return &state.Containers[i]
		}
	}
	t.Fatalf("there is no container of %s", service)
	return nil
}

// copied is a state that can be changed.
func copied(t *testing.T, state readback.State) *readback.State {
	t.Helper()
	data, err := json.Marshal(state)
	if err != nil {
		t.Fatal(err)
	}
	var out readback.State
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return &out
}

// ordered brings the lists that the engine gives in no order into one.
func ordered(state *readback.State) {
	for _, c := range state.Containers {
		slices.SortFunc(c.Mounts, func(a, b container.MountPoint) int {
			return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Destination, b.Destination))
		})
		slices.SortFunc(c.HostConfig.Mounts, func(a, b mount.Mount) int {
			return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Target, b.Target))
		})
		slices.Sort(c.HostConfig.Binds)
		slices.Sort(c.Config.Env)
		// One address each, also where the host has both families.
		for port, bindings := range c.NetworkSettings.Ports {
			c.NetworkSettings.Ports[port] = bindings[:min(1, len(bindings))]
		}
	}
}

func mountAt(c *container.InspectResponse, target string) *container.MountPoint {
	return &c.Mounts[slices.IndexFunc(c.Mounts, func(m container.MountPoint) bool { return m.Destination == target })]
}

func requestAt(c *container.InspectResponse, target string) *mount.Mount {
	mounts := c.HostConfig.Mounts
	return &mounts[slices.IndexFunc(mounts, func(m mount.Mount) bool { return m.Target == target })]
}

func endpoint(c *container.InspectResponse, network string) *network.EndpointSettings {
	for name, endpoint := range c.NetworkSettings.Networks {
		if strings.HasSuffix(name, "_"+network) {
			return endpoint
		}
	}
	return nil
}

func networkOf(state *readback.State, name string) *network.Inspect {
	return &state.Networks[slices.IndexFunc(state.Networks, func(n network.Inspect) bool { return strings.HasSuffix(n.Name, "_"+name) })]
}

// tampering is each a change of the container base, and the one field in which
// it has to be found.
var tampering = []struct {
	name   string
	change func(c *container.InspectResponse)
	field  string
}{
	{"another image", func(c *container.InspectResponse) { c.Config.Image = "other:1" }, "image"},
	{"privileged", func(c *container.InspectResponse) { c.HostConfig.Privileged = true }, "privileged"},
	{"a capability more", func(c *container.InspectResponse) { c.HostConfig.CapAdd = append(c.HostConfig.CapAdd, "CAP_SYS_ADMIN") }, "cap_add"},
	{"a capability kept", func(c *container.InspectResponse) { c.HostConfig.CapDrop = nil }, "cap_drop"},
	{"new privileges", func(c *container.InspectResponse) { c.HostConfig.SecurityOpt = []string{"seccomp=unconfined"} }, "security_opt"},
	{"new privileges, said", func(c *container.InspectResponse) {
		c.HostConfig.SecurityOpt = []string{"seccomp=unconfined", "no-new-privileges:false"}
	}, "security_opt"},
	{"no AppArmor", func(c *container.InspectResponse) { c.AppArmorProfile = "unconfined" }, "security_opt"},
	{"nothing masked", func(c *container.InspectResponse) { c.HostConfig.MaskedPaths = []string{} }, "security_opt"},
	{"one path not masked", func(c *container.InspectResponse) { c.HostConfig.MaskedPaths = c.HostConfig.MaskedPaths[1:] }, "security_opt"},
	{"nothing read-only", func(c *container.InspectResponse) { c.HostConfig.ReadonlyPaths = nil }, "security_opt"},
	{"root", func(c *container.InspectResponse) { c.Config.User = "0" }, "user"},
	{"writable root file system", func(c *container.InspectResponse) { c.HostConfig.ReadonlyRootfs = false }, "read_only"},
	{"the host's processes", func(c *container.InspectResponse) { c.HostConfig.PidMode = "host" }, "pid"},
	{"a stranger's processes", func(c *container.InspectResponse) { c.HostConfig.PidMode = "container:0123" }, "pid"},
	{"the host's IPC", func(c *container.InspectResponse) { c.HostConfig.IpcMode = "host" }, "ipc"},
	{"the host's name", func(c *container.InspectResponse) { c.HostConfig.UTSMode = "host" }, "uts"},
	{"the host's users", func(c *container.InspectResponse) { c.HostConfig.UsernsMode = "host" }, "userns_mode"},
	{"the host's cgroups", func(c *container.InspectResponse) { c.HostConfig.CgroupnsMode = "host" }, "cgroup"},
	{"the host's network", func(c *container.InspectResponse) { c.HostConfig.NetworkMode = "host" }, "network_mode"},
	{"another cgroup", func(c *container.InspectResponse) { c.HostConfig.CgroupParent = "/" }, "cgroup_parent"},
	{"another runtime", func(c *container.InspectResponse) { c.HostConfig.Runtime = "other" }, "runtime"},
	{"no init", func(c *container.InspectResponse) { c.HostConfig.Init = nil }, "init"},
	{"a mount of the host more", func(c *container.InspectResponse) {
		c.Mounts = append(c.Mounts, container.MountPoint{Type: "bind", Source: "/", Destination: "/all", RW: true})
	}, "volumes"},
	{"the engine's socket", func(c *container.InspectResponse) {
		c.HostConfig.Binds = append(c.HostConfig.Binds, "/var/run/docker.sock:/var/run/docker.sock")
	}, "volumes"},
	{"another folder of the host", func(c *container.InspectResponse) { mountAt(c, "/host").Source = "/etc" }, "volumes"},
	{"a folder of the host writable", func(c *container.InspectResponse) { mountAt(c, "/host").RW = true }, "volumes"},
	{"mounts passed on to the host", func(c *container.InspectResponse) { mountAt(c, "/host").Propagation = "shared" }, "volumes"},
	{"another volume", func(c *container.InspectResponse) { mountAt(c, "/data").Name = "other" }, "volumes"},
	{"a volume from elsewhere", func(c *container.InspectResponse) { mountAt(c, "/data").Source = "/etc" }, "volumes"},
	{"another driver", func(c *container.InspectResponse) { mountAt(c, "/data").Driver = "nfs" }, "volumes"},
	{"a named volume for an anonymous one", func(c *container.InspectResponse) { mountAt(c, "/anonymous").Name = "theirs" }, "volumes"},
	{"a named volume for the image's", func(c *container.InspectResponse) { mountAt(c, "/declared").Name = "theirs" }, "volumes"},
	{"a volume at another place", func(c *container.InspectResponse) { c.Config.Volumes["/elsewhere"] = struct{}{} }, "volumes"},
	{"a mount asked for otherwise", func(c *container.InspectResponse) { requestAt(c, "/anonymous").Source = "theirs" }, "volumes"},
	{"a larger tmpfs", func(c *container.InspectResponse) { requestAt(c, "/scratch").TmpfsOptions.SizeBytes = 1 << 40 }, "volumes"},
	{"a tmpfs more", func(c *container.InspectResponse) { c.HostConfig.Tmpfs["/more"] = "" }, "tmpfs"},
	{"a tmpfs with programs", func(c *container.InspectResponse) { c.HostConfig.Tmpfs["/tmp"] = "size=4m,exec" }, "tmpfs"},
	{"the volumes of another", func(c *container.InspectResponse) { c.HostConfig.VolumesFrom = []string{"other"} }, "volumes_from"},
	{"a device more", func(c *container.InspectResponse) {
		c.HostConfig.Devices = append(c.HostConfig.Devices, container.DeviceMapping{PathOnHost: "/dev/mem", PathInContainer: "/dev/mem", CgroupPermissions: "rwm"})
	}, "devices"},
	{"a device writable", func(c *container.InspectResponse) { c.HostConfig.Devices[0].CgroupPermissions = "rw" }, "devices"},
	{"a device rule more", func(c *container.InspectResponse) {
		c.HostConfig.DeviceCgroupRules = append(c.HostConfig.DeviceCgroupRules, "a *:* rwm")
	}, "device_cgroup_rules"},
	{"all GPUs", func(c *container.InspectResponse) {
		c.HostConfig.DeviceRequests = []container.DeviceRequest{{Count: -1, Capabilities: [][]string{{"gpu"}}}}
	}, "deploy.resources.reservations.devices"},
	{"a group more", func(c *container.InspectResponse) { c.HostConfig.GroupAdd = append(c.HostConfig.GroupAdd, "0") }, "group_add"},
	{"a sysctl", func(c *container.InspectResponse) { c.HostConfig.Sysctls["net.ipv4.ip_forward"] = "1" }, "sysctls"},
	{"an ulimit", func(c *container.InspectResponse) { c.HostConfig.Ulimits[0].Hard = 1 << 20 }, "ulimits"},
	{"more shared memory", func(c *container.InspectResponse) { c.HostConfig.ShmSize *= 2 }, "shm_size"},
	{"no limit of memory", func(c *container.InspectResponse) { c.HostConfig.Memory = 0 }, "memory"},
	{"a larger swap", func(c *container.InspectResponse) { c.HostConfig.MemorySwap *= 2 }, "memswap_limit"},
	{"no reservation", func(c *container.InspectResponse) { c.HostConfig.MemoryReservation = 0 }, "mem_reservation"},
	{"more CPUs", func(c *container.InspectResponse) { c.HostConfig.NanoCPUs = 2e9 }, "cpus"},
	{"a quota beside", func(c *container.InspectResponse) { c.HostConfig.CPUQuota = 200000 }, "cpu_quota"},
	{"other CPUs", func(c *container.InspectResponse) { c.HostConfig.CpusetCpus = "0-1" }, "cpuset"},
	{"no limit of processes", func(c *container.InspectResponse) { c.HostConfig.PidsLimit = nil }, "pids_limit"},
	{"never killed", func(c *container.InspectResponse) { c.HostConfig.OomScoreAdj = -1000 }, "oom_score_adj"},
	{"not killed", func(c *container.InspectResponse) { *c.HostConfig.OomKillDisable = true }, "oom_kill_disable"},
	{"a rate", func(c *container.InspectResponse) {
		c.HostConfig.BlkioDeviceReadBps = []*blkiodev.ThrottleDevice{{Path: "/dev/vda", Rate: 1}}
	}, "blkio_config.device_read_bps"},
	{"storage options", func(c *container.InspectResponse) { c.HostConfig.StorageOpt = map[string]string{"size": "1g"} }, "storage_opt"},
	{"a port more", func(c *container.InspectResponse) {
		c.HostConfig.PortBindings[network.MustParsePort("22/tcp")] = []network.PortBinding{{HostPort: "22"}}
	}, "ports"},
	{"a port more that is open", func(c *container.InspectResponse) {
		c.NetworkSettings.Ports[network.MustParsePort("22/tcp")] = []network.PortBinding{{HostIP: netip.MustParseAddr("0.0.0.0"), HostPort: "22"}}
	}, "ports"},
	{"a port on all addresses", func(c *container.InspectResponse) {
		c.NetworkSettings.Ports[network.MustParsePort("6000/udp")][0].HostIP = netip.MustParseAddr("0.0.0.0")
	}, "ports"},
	{"all ports", func(c *container.InspectResponse) { c.HostConfig.PublishAllPorts = true }, "PublishAllPorts"},
	{"another host", func(c *container.InspectResponse) {
		c.HostConfig.ExtraHosts[slices.Index(c.HostConfig.ExtraHosts, "host.docker.internal:host-gateway")] = "host.docker.internal:203.0.113.9"
	}, "extra_hosts"},
	{"other name servers", func(c *container.InspectResponse) { slices.Reverse(c.HostConfig.DNS) }, "dns"},
	{"another domain", func(c *container.InspectResponse) { c.HostConfig.DNSSearch = nil }, "dns_search"},
	{"another option", func(c *container.InspectResponse) { c.HostConfig.DNSOptions = []string{"ndots:9"} }, "dns_opt"},
	{"a link", func(c *container.InspectResponse) { c.HostConfig.Links = []string{"/other:/base/other"} }, "links"},
	{"another variable", func(c *container.InspectResponse) { c.Config.Env = append(c.Config.Env, "LD_PRELOAD=/x") }, "environment"},
	{"another value", func(c *container.InspectResponse) {
		c.Config.Env[slices.Index(c.Config.Env, "IMAGE_SAYS=so")] = "IMAGE_SAYS=otherwise"
	}, "environment"},
	{"a value for what is passed on", func(c *container.InspectResponse) {
		c.Config.Env[slices.Index(c.Config.Env, "PASSED_ON")] = "PASSED_ON=secret"
	}, "environment"},
	{"another command", func(c *container.InspectResponse) { c.Config.Cmd = []string{"serve"} }, "command"},
	{"another process", func(c *container.InspectResponse) { c.Path = "/bin/sh" }, "command"},
	{"another entrypoint", func(c *container.InspectResponse) { c.Config.Entrypoint = []string{"/bin/sh"} }, "entrypoint"},
	{"another folder", func(c *container.InspectResponse) { c.Config.WorkingDir = "/" }, "working_dir"},
	{"another signal", func(c *container.InspectResponse) { c.Config.StopSignal = "SIGKILL" }, "stop_signal"},
	{"another grace", func(c *container.InspectResponse) { c.Config.StopTimeout = nil }, "stop_grace_period"},
	{"another health check", func(c *container.InspectResponse) { c.Config.Healthcheck.Test = []string{"NONE"} }, "healthcheck.test"},
	{"a slower health check", func(c *container.InspectResponse) { c.Config.Healthcheck.Interval = time.Hour }, "healthcheck.interval"},
	{"restarts", func(c *container.InspectResponse) { c.HostConfig.RestartPolicy.Name = "always" }, "restart"},
	{"another log", func(c *container.InspectResponse) { c.HostConfig.LogConfig.Type = "syslog" }, "logging.driver"},
	{"a log elsewhere", func(c *container.InspectResponse) { c.HostConfig.LogConfig.Config["syslog-address"] = "udp://x" }, "logging.options"},
	{"a larger log", func(c *container.InspectResponse) { c.HostConfig.LogConfig.Config["max-size"] = "1g" }, "logging.options"},
	{"another label", func(c *container.InspectResponse) { c.Config.Labels["traefik.enable"] = "true" }, "labels"},
	{"almost the harness's label", func(c *container.InspectResponse) { c.Config.Labels["com.docker.composed"] = "x" }, "labels"},
	{"an annotation", func(c *container.InspectResponse) {
		c.HostConfig.Annotations = map[string]string{"run.oci.handler": "x"}
	}, "annotations"},
	{"another hostname", func(c *container.InspectResponse) { c.Config.Hostname = "other" }, "hostname"},
	{"another alias", func(c *container.InspectResponse) {
		e := endpoint(c, "front")
		e.Aliases = append(e.Aliases, "plain")
	}, "networks.front.aliases"},
	{"a name more that is answered to", func(c *container.InspectResponse) {
		e := endpoint(c, "front")
		e.DNSNames = append(e.DNSNames, "plain")
	}, "networks.front.aliases"},
	{"a lost alias", func(c *container.InspectResponse) {
		e := endpoint(c, "front")
		e.Aliases = slices.DeleteFunc(e.Aliases, func(name string) bool { return name == "gate" })
	}, "networks.front.aliases"},
	{"another network", func(c *container.InspectResponse) {
		c.NetworkSettings.Networks["other"] = &network.EndpointSettings{}
	}, "networks"},
	{"another address", func(c *container.InspectResponse) {
		endpoint(c, "back").IPAddress = netip.MustParseAddr("203.0.113.5")
	}, "networks.back.ip_address"},
}

// TestTampering starts one stack, and changes one thing after the other: first
// in what was read, then in the engine.
func TestTampering(t *testing.T) {
	s := start(t, read(t, "../../testdata/readback/everything.yml"))
	if s.upError != nil {
		t.Fatal(s.upError)
	}
	state := s.read(t)
	ordered(&state)
	clean(t, readback.Compare(s.project, *copied(t, state)))

	for _, tt := range tampering {
		t.Run(tt.name, func(t *testing.T) {
			changed := copied(t, state)
			c := of(t, changed, "base")
			tt.change(c)
			found(t, readback.Compare(s.project, *changed), "base", tt.field)
		})
	}
	t.Run("other engines", func(t *testing.T) { otherEngines(t, s, state) })
	t.Run("around containers", func(t *testing.T) { tamperAround(t, s, state) })
	t.Run("every field", func(t *testing.T) { everyField(t, s, state) })
	t.Run("every key", func(t *testing.T) { everyKey(t, s, state) })
	t.Run("in the engine", func(t *testing.T) { tamperEngine(t, s) })
}

// found wants exactly one difference. A change may be told of a service's
// dependents too, when they share the container's namespaces or volumes.
func found(t *testing.T, differences []readback.Difference, service, field string) {
	t.Helper()
	n := 0
	for _, d := range differences {
		if d.Service == service && d.Field == field {
			n++
		} else {
			t.Errorf("also %+v", d)
		}
		if d.Want == d.Got {
			t.Errorf("this says nothing: %+v", d)
		}
	}
	if n != 1 {
		t.Errorf("%d differences of %s in %s: %+v", n, field, service, differences)
	}
}

func tamperAround(t *testing.T, s stack, state readback.State) {
	for _, tt := range []struct {
		name           string
		change         func(*readback.State)
		service, field string
	}{
		{"one replica less", func(st *readback.State) {
			id := of(t, st, "many").ID
			st.Containers = slices.DeleteFunc(st.Containers, func(c container.InspectResponse) bool { return c.ID == id })
			delete(networkOf(st, "back").Containers, id)
		}, "many", "scale"},
		{"a container of no service", func(st *readback.State) {
			delete(of(t, st, "plain").Config.Labels, "com.docker.compose.service")
		}, strings.TrimPrefix(of(t, &state, "plain").Name, "/"), "services"},
		{"a container beside", func(st *readback.State) {
			stray := copied(t, *st)
			c := of(t, stray, "plain")
			c.ID, c.Config.Labels["com.docker.compose.oneoff"] = "stray", "True"
			st.Containers = append(st.Containers, *c)
		}, "plain", "services"},
		{"another name", func(st *readback.State) { of(t, st, "host").Name = "/other" }, "host", "container_name"},
		{"a name that is not the chosen one", func(st *readback.State) { of(t, st, "sharing").Name = "/other" }, "sharing", "container_name"},
		{"another image", func(st *readback.State) { st.Expected["base"] = "sha256:other" }, "base", "image"},
		{"an image that nobody pulled", func(st *readback.State) { delete(st.Expected, "base") }, "base", "image"},
		{"a setting that is not known", func(st *readback.State) {
			st.Unknown = map[string][]string{of(t, st, "base").ID: {"HostConfig.Unconfined"}}
		}, "base", "HostConfig.Unconfined"},
		{"unlimited swap where it can be limited", func(st *readback.State) { of(t, st, "base").HostConfig.MemorySwap = -1 }, "base", "memswap_limit"},
		{"limits of memory that are noted only", func(st *readback.State) { st.Engine.Unlimited = []string{"memory"} }, "base", "memory"},
		{"limits of CPUs that are noted only", func(st *readback.State) { st.Engine.Unlimited = []string{"cpus"} }, "base", "cpus"},
		{"limits of processes that are noted only", func(st *readback.State) { st.Engine.Unlimited = []string{"pids_limit"} }, "base", "pids_limit"},
		{"a network open to the outside", func(st *readback.State) { networkOf(st, "back").Internal = false }, "", "networks.back.internal"},
		{"a network of another driver", func(st *readback.State) { networkOf(st, "front").Driver = "macvlan" }, "", "networks.front.driver"},
		{"a network with another option", func(st *readback.State) {
			networkOf(st, "front").Options["com.docker.network.bridge.gateway_mode_ipv4"] = "routed"
		}, "", "networks.front.driver_opts"},
		{"a stranger on the network", func(st *readback.State) {
			networkOf(st, "front").Containers["stranger"] = network.EndpointResource{Name: "stranger"}
		}, "", "networks.front"},
		{"a network more", func(st *readback.State) {
			st.Networks = append(st.Networks, network.Inspect{Network: network.Network{Name: "more"}})
		}, "", "networks"},
		{"a volume from a device", func(st *readback.State) {
			for i := range st.Volumes {
				if strings.HasSuffix(st.Volumes[i].Name, "_data") {
					st.Volumes[i].Options = map[string]string{"device": "/etc", "o": "bind"}
				}
			}
		}, "", "volumes.data.driver_opts"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			changed := copied(t, state)
			tt.change(changed)
			differences := readback.Compare(s.project, *changed)
			if tt.name == "a container of no service" {
				// It is missed where it belongs, too.
				differences = slices.DeleteFunc(differences, func(d readback.Difference) bool { return d.Service == "plain" && d.Field == "scale" })
			}
			if tt.name == "a volume from a device" {
				differences = slices.DeleteFunc(differences, func(d readback.Difference) bool { return d.Field == tt.field && strings.HasPrefix(d.Want, "no o") })
			}
			if len(changed.Engine.Unlimited) > 0 {
				// Others have such a limit, too.
				differences = slices.DeleteFunc(differences, func(d readback.Difference) bool { return d.Field == tt.field && d.Service != tt.service })
			}
			found(t, differences, tt.service, tt.field)
		})
	}
	t.Run("a pinned image", func(t *testing.T) {
		const digest = "@sha256:" + "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
		project, changed := *s.project, copied(t, state)
		project.Services = maps.Clone(project.Services)
		model := project.Services["plain"]
		model.Image = "example/served:1" + digest
		project.Services["plain"] = model
		plain := of(t, changed, "plain")
		plain.Config.Image = model.Image
		known := changed.Images[plain.Image]
		for digests, pinned := range map[string]bool{
			"docker.io/example/served" + digest: true, "example/other" + digest: false, "": false,
			"example/served@sha256:" + strings.Repeat("0", 64): false, "example/served:1": false,
		} {
			known.RepoDigests = strings.Fields(digests)
			changed.Images[plain.Image] = known
			if differences := readback.Compare(&project, *changed); pinned {
				clean(t, differences)
			} else {
				found(t, differences, "plain", "image")
			}
		}
	})
	t.Run("another platform", func(t *testing.T) {
		changed := copied(t, state)
		id := of(t, changed, "pinned").Image
		other := changed.Images[id]
		other.Architecture = "arm64"
		changed.Images[id] = other
		found(t, readback.Compare(s.project, *changed), "pinned", "platform")
	})
	t.Run("a helper of the tool", func(t *testing.T) {
		changed := copied(t, state)
		helper := of(t, copied(t, state), "plain")
		helper.ID, helper.Config.Labels = "helper", map[string]string{"com.docker.compose.project": s.name}
		changed.Containers = append(changed.Containers, *helper)
		changed.Helpers = []string{"helper"}
		clean(t, readback.Compare(s.project, *changed))
	})
}

// otherEngines are the ways in which engines from 20.10 to 29 tell the same.
func otherEngines(t *testing.T, s stack, state readback.State) {
	for _, tt := range []struct {
		name   string
		change func(*readback.State)
	}{
		{"a kernel that cannot limit swap", func(st *readback.State) {
			st.Engine.SwapLimit = false
			of(t, st, "base").HostConfig.MemorySwap = -1
		}},
		{"more is masked", func(st *readback.State) {
			c := of(t, st, "base").HostConfig
			c.MaskedPaths = append(c.MaskedPaths, "/proc/interrupts", "/sys/devices/virtual/powercap", "/sys/devices/system/cpu/cpu0/thermal_throttle")
		}},
		{"IPC shareable by default", func(st *readback.State) { of(t, st, "plain").HostConfig.IpcMode = "shareable" }},
		{"cgroups of version 2", func(st *readback.State) {
			st.Engine.CgroupVersion, st.Engine.PrivateCgroups = "2", true
			for i := range st.Containers {
				st.Containers[i].HostConfig.CgroupnsMode = "private"
			}
			of(t, st, "base").HostConfig.OomKillDisable = nil
		}},
		{"no restarts, said", func(st *readback.State) { of(t, st, "plain").HostConfig.RestartPolicy.Name = "no" }},
		{"the signal, said", func(st *readback.State) { of(t, st, "plain").Config.StopSignal = "SIGTERM" }},
		{"no init, said", func(st *readback.State) { of(t, st, "plain").HostConfig.Init = new(bool) }},
		{"no limit of processes, said", func(st *readback.State) { of(t, st, "plain").HostConfig.PidsLimit = new(int64) }},
		{"AppArmor", func(st *readback.State) { of(t, st, "plain").AppArmorProfile = "docker-default" }},
		{"a daemon that rotates its logs", func(st *readback.State) {
			of(t, st, "plain").HostConfig.LogConfig.Config = map[string]string{"max-size": "10m", "max-file": "3"}
		}},
		{"both families of addresses", func(st *readback.State) {
			port := network.MustParsePort("5555/tcp")
			ports := of(t, st, "base").NetworkSettings.Ports
			ports[port] = append(ports[port], network.PortBinding{HostIP: netip.MustParseAddr("::"), HostPort: ports[port][0].HostPort})
		}},
		{"engine 29", func(st *readback.State) {
			st.Engine.APIVersion = "1.52"
			for i := range st.Networks {
				st.Networks[i].EnableIPv4 = true
				st.Networks[i].Options["com.docker.network.enable_ipv4"] = "true"
				st.Networks[i].Options["com.docker.network.enable_ipv6"] = "false"
			}
			for _, c := range st.Containers {
				for _, e := range c.NetworkSettings.Networks {
					e.Aliases = slices.DeleteFunc(e.Aliases, func(name string) bool { return strings.HasPrefix(c.ID, name) })
					if len(e.Aliases) > 0 {
						e.DNSNames = slices.Concat([]string{strings.TrimPrefix(c.Name, "/")}, e.Aliases, []string{c.ID[:12], c.Config.Hostname})
					}
				}
			}
		}},
		{"no isolation, said", func(st *readback.State) { of(t, st, "plain").HostConfig.Isolation = "default" }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			changed := copied(t, state)
			tt.change(changed)
			clean(t, readback.Compare(s.project, *changed))
		})
	}
}

// tamperEngine changes what runs, each change on top of the others.
func tamperEngine(t *testing.T, s stack) {
	ctx := t.Context()
	state := s.read(t)
	base, plain := of(t, &state, "base"), of(t, &state, "plain")
	fields := func() []string {
		var out []string
		for _, d := range readback.Compare(s.project, s.read(t)) {
			out = append(out, strings.TrimSpace(d.Service+" "+d.Field))
		}
		return slices.Compact(out)
	}
	want := func(names ...string) {
		t.Helper()
		slices.Sort(names)
		if got := fields(); !slices.Equal(names, got) {
			t.Errorf("got %q, want %q", got, names)
		}
	}
	if _, err := s.client.ContainerUpdate(ctx, base.ID, client.ContainerUpdateOptions{
		Resources:     &container.Resources{Memory: 128 << 20, MemorySwap: 256 << 20},
		RestartPolicy: &container.RestartPolicy{Name: "always"},
	}); err != nil {
		t.Fatal(err)
	}
	want("base memory", "base memswap_limit", "base restart")

	if _, err := s.client.NetworkConnect(ctx, networkOf(&state, "back").ID, client.NetworkConnectOptions{Container: plain.ID}); err != nil {
		t.Fatal(err)
	}
	want("base memory", "base memswap_limit", "base restart", "plain networks")

	name := s.name + "-intruder"
	if _, err := s.client.ContainerCreate(ctx, client.ContainerCreateOptions{
		Name: name,
		Config: &container.Config{Image: plain.Config.Image, Labels: map[string]string{
			"com.docker.compose.project": s.name, "com.docker.compose.service": "plain", "com.docker.compose.container-number": "2",
		}},
		HostConfig: &container.HostConfig{Privileged: true, PidMode: "host", Binds: []string{"/:/host"}},
	}); err != nil {
		t.Fatal(err)
	}
	defer s.client.ContainerRemove(ctx, name, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
	got := fields()
	for _, field := range []string{"scale", "privileged", "pid", "volumes", "container_name", "network_mode", "networks", "security_opt"} {
		if !slices.Contains(got, "plain "+field) {
			t.Errorf("%s of the intruder is not found: %q", field, got)
		}
	}
}
