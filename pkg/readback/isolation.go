package readback

import (
	"cmp"
	"path/filepath"
	"slices"
	"strings"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client/pkg/versions"
)

// What every engine from 20.10 to 29 hides from containers. Newer ones hide
// more, which is no less safe.
var (
	maskedPaths = []string{
		"/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug",
		"/proc/scsi", "/proc/timer_list", "/proc/timer_stats", "/sys/firmware",
	}
	readonlyPaths = []string{"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"}
)

// olderThan tells whether the engine speaks no API as new as this version.
func (c *comparison) olderThan(version string) bool {
	return c.state.Engine.APIVersion != "" && versions.LessThan(c.state.Engine.APIVersion, version)
}

// isolation compares the namespaces and cgroups.
func (s *subject) isolation() {
	same(s, "pid", s.model.Pid, s.namespace(string(s.host.PidMode)))
	same(s, "uts", s.model.Uts, string(s.host.UTSMode))
	same(s, "userns_mode", s.model.UserNSMode, string(s.host.UsernsMode))
	same(s, "cgroup_parent", s.model.CgroupParent, s.host.CgroupParent)

	// The engine's default is private, or shareable where it is set so. The
	// latter alone opens nothing: who would share it is compared as well.
	ipc := s.namespace(string(s.host.IpcMode))
	if s.model.Ipc != "" || ipc != string(container.IPCModeShareable) {
		same(s, "ipc", cmp.Or(s.model.Ipc, string(container.IPCModePrivate)), ipc)
	}

	// By default it is the engine's setting, which is host with cgroups of
	// version 1 and private with version 2, if nobody has changed it. With
	// version 1 a privileged container is always on the host's.
	cgroup := container.CgroupnsModeHost
	if s.state.Engine.PrivateCgroups && (!s.model.Privileged || s.state.Engine.CgroupVersion == "2") {
		cgroup = container.CgroupnsModePrivate
	}
	same(s, "cgroup", cmp.Or(s.model.Cgroup, string(cgroup)), string(s.host.CgroupnsMode))

	same(s, "runtime", cmp.Or(s.model.Runtime, s.state.Engine.DefaultRuntime), cmp.Or(s.host.Runtime, s.state.Engine.DefaultRuntime))
	same(s, "isolation", cmp.Or(s.model.Isolation, "default"), cmp.Or(string(s.host.Isolation), "default"))
	s.mapping("sysctls", s.model.Sysctls, s.host.Sysctls)
}

// namespace gives another container's namespace the name that models use.
func (s *subject) namespace(mode string) string {
	id, shared := strings.CutPrefix(mode, "container:")
	if !shared {
		return mode
	}
	// A model may also name a container of its own project by its name.
	owner := s.owner(id)
	for _, model := range []string{s.model.Pid, s.model.Ipc, s.model.NetworkMode} {
		if name, ok := strings.CutPrefix(model, "container:"); ok && s.owner(name) == owner {
			return model
		}
	}
	return owner
}

// security compares privileges.
func (s *subject) security() {
	same(s, "privileged", s.model.Privileged, s.host.Privileged)
	same(s, "read_only", s.model.ReadOnly, s.host.ReadonlyRootfs)
	s.set("cap_add", capabilities(s.model.CapAdd), capabilities(s.host.CapAdd))
	s.set("cap_drop", capabilities(s.model.CapDrop), capabilities(s.host.CapDrop))
	s.set("group_add", s.model.GroupAdd, s.host.GroupAdd)

	want, unconfined := s.securityOptions()
	s.set("security_opt", want, securityOptions(s.host.SecurityOpt))

	// A privileged container sees all, and so does one that asks for it.
	if !unconfined && !s.model.Privileged {
		s.hidden("masked paths", maskedPaths, s.host.MaskedPaths)
		s.hidden("read-only paths", readonlyPaths, s.host.ReadonlyPaths)
	}
	s.confined(want)
}

// confined compares the AppArmor profile that is really applied; an engine
// without AppArmor names none.
func (s *subject) confined(options []string) {
	profiles := []string{"", "docker-default"}
	if s.model.Privileged {
		profiles = append(profiles, "unconfined")
	}
	for _, option := range options {
		if profile, ok := strings.CutPrefix(option, "apparmor="); ok {
			profiles = []string{"", profile}
		}
	}
	if got := s.real.AppArmorProfile; !slices.Contains(profiles, got) {
		s.differ("security_opt", "the AppArmor profile "+profiles[len(profiles)-1], "the AppArmor profile "+got)
	}
}

// securityOptions are those of the model, in one form, and whether the paths
// that the engine hides are to be seen. A seccomp profile that is a file of its
// own is not read: it will be a difference.
func (s *subject) securityOptions() (options []string, unconfined bool) {
	labelled := false
	for _, option := range securityOptions(s.model.SecurityOpt) {
		switch {
		case option == "systempaths=unconfined":
			unconfined = true
		default:
			labelled = labelled || strings.HasPrefix(option, "label=")
			options = append(options, option)
		}
	}
	// The engine takes SELinux labels away from containers that share these.
	if !labelled && (s.model.Privileged || s.model.Pid == "host" || s.model.Ipc == "host") {
		options = append(options, "label=disable")
	}
	return options, unconfined
}

// securityOptions brings options into the form name=value, without those that
// only say the default.
func securityOptions(options []string) []string {
	var out []string
	for _, option := range options {
		name, value, _ := strings.Cut(option, "=")
		if at := strings.IndexAny(option, "=:"); at >= 0 {
			name, value = option[:at], option[at+1:]
		}
		switch {
		case name == "no-new-privileges" && value == "false", name == "seccomp" && value == "builtin":
		case name == "no-new-privileges":
			out = append(out, "no-new-privileges="+cmp.Or(value, "true"))
		default:
			out = append(out, name+"="+value)
		}
	}
	return out
}

func (s *subject) hidden(field string, least, got []string) {
	var missing []string
	for _, name := range least {
		if !slices.Contains(got, name) {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		s.differ("security_opt", field+" as by default", "without "+showList(missing))
	}
	// Anything else that is hidden has to be of the kernel's file systems.
	for _, name := range got {
		if clean := filepath.Clean(name); !strings.HasPrefix(clean, "/proc/") && !strings.HasPrefix(clean, "/sys/") {
			s.differ("security_opt", field+" as by default", "also "+name)
		}
	}
}

// capabilities are names without CAP_, each once.
func capabilities(names []string) []string {
	var out []string
	for _, name := range names {
		out = append(out, strings.TrimPrefix(strings.ToUpper(name), "CAP_"))
	}
	slices.Sort(out)
	return slices.Compact(out)
}
