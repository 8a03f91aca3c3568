package readback

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
)

// anonymous is the name that the engine gives to a volume without one.
var anonymous = regexp.MustCompile(`^[0-9a-f]{64}$`)

// mounts compares what is mounted, and how it was asked for. What the engine
// tells of a mount is in three places: the mount points, and the two lists in
// which a client asks for them.
func (s *subject) mounts() {
	wanted := s.wantedMounts()
	inherited := s.inheritedMounts()
	seen := map[string]bool{}
	for _, real := range s.real.Mounts {
		target := path.Clean(real.Destination)
		if seen[target] {
			s.differ("volumes", "one mount at "+target, "another: "+describe(real))
			continue
		}
		seen[target] = true
		var want container.MountPoint
		if v, ok := wanted[target]; ok {
			want = s.mountPoint(v, real)
		} else if from, ok := inherited[target]; ok {
			want = from
			want.Mode = real.Mode
		} else if _, ok := s.declared.Volumes[real.Destination]; ok {
			want = s.mountPoint(types.ServiceVolumeConfig{Type: types.VolumeTypeVolume, Target: target}, real)
		} else {
			s.differ("volumes", "no mount at "+target, describe(real))
			continue
		}
		if want != real {
			s.differ("volumes", describe(want), describe(real))
		}
	}
	for _, target := range slices.Sorted(maps.Keys(wanted)) {
		if !seen[target] {
			s.differ("volumes", fmt.Sprintf("a %s at %s", wanted[target].Type, target), "none")
		}
	}
	for target := range inherited {
		if !seen[target] {
			s.differ("volumes_from", "a mount at "+target, "none")
		}
	}
	for target := range s.config.Volumes {
		_, declared := s.declared.Volumes[target]
		if _, ok := wanted[path.Clean(target)]; !ok && !declared {
			s.differ("volumes", "no volume at "+target, "one")
		}
	}
	for target := range s.declared.Volumes {
		_, declared := s.config.Volumes[target]
		// A tmpfs in the same place is no mount point, but takes precedence.
		_, tmpfs := s.host.Tmpfs[target]
		if !declared || !tmpfs && !seen[path.Clean(target)] {
			s.differ("volumes", "the image's volume at "+target, "none")
		}
	}
	s.requested(wanted)
	s.tmpfs()
	same(s, "volume_driver", s.model.VolumeDriver, s.host.VolumeDriver)
}

// wantedMounts are the model's, by where they are mounted. A secret or config
// that is no file is copied into the container and mounts nothing.
func (s *subject) wantedMounts() map[string]types.ServiceVolumeConfig {
	wanted := map[string]types.ServiceVolumeConfig{}
	file := func(source, target, folder string) {
		if source == "" {
			return
		}
		if !path.IsAbs(target) {
			target = folder + target
		}
		wanted[path.Clean(target)] = types.ServiceVolumeConfig{Type: types.VolumeTypeBind, Source: source, Target: target, ReadOnly: true}
	}
	for _, config := range s.model.Configs {
		file(s.project.Configs[config.Source].File, cmp.Or(config.Target, config.Source), "/")
	}
	for _, secret := range s.model.Secrets {
		file(s.project.Secrets[secret.Source].File, cmp.Or(secret.Target, secret.Source), "/run/secrets/")
	}
	for _, v := range s.model.Volumes {
		wanted[path.Clean(v.Target)] = v
	}
	return wanted
}

// mountPoint is what a mount of the model has to look like. What only the
// engine can know is taken from the real one.
func (s *subject) mountPoint(v types.ServiceVolumeConfig, real container.MountPoint) container.MountPoint {
	want := container.MountPoint{Type: mount.Type(v.Type), Destination: real.Destination, RW: !v.ReadOnly}
	modes := []string{"", "rw"}
	if v.ReadOnly {
		modes = []string{"", "ro"}
	}
	switch v.Type {
	case types.VolumeTypeBind:
		want.Source, want.Propagation = v.Source, mount.PropagationRPrivate
		if v.Bind != nil {
			want.Propagation = mount.Propagation(cmp.Or(v.Bind.Propagation, string(want.Propagation)))
			modes = append(modes, v.Bind.SELinux, v.Bind.Propagation)
		}
	case types.VolumeTypeVolume:
		want.Driver = "local"
		// The engine labels volumes as shared of its own accord.
		modes = append(modes, "z")
		if v.Volume != nil && v.Volume.NoCopy {
			modes = append(modes, "nocopy")
		}
		want.Name, want.Source = s.volume(v, real)
		if volume, ok := s.project.Volumes[v.Source]; ok {
			want.Driver = cmp.Or(volume.Driver, want.Driver)
		}
	case types.VolumeTypeImage:
		want.Name, want.Source = real.Name, v.Source
		if real.Source != v.Source && real.Name == v.Source {
			want.Source = real.Source
		}
		want.RW = real.RW && !v.ReadOnly
	}
	if !slices.ContainsFunc(strings.Split(real.Mode, ","), func(mode string) bool { return !slices.Contains(modes, mode) }) {
		want.Mode = real.Mode
	}
	return want
}

// volume is the name of a volume and where the engine keeps it.
func (s *subject) volume(v types.ServiceVolumeConfig, real container.MountPoint) (name, source string) {
	if v.Source == "" {
		if !anonymous.MatchString(real.Name) || !strings.Contains(real.Source, real.Name) {
			return "a volume of its own", ""
		}
		return real.Name, real.Source
	}
	name = cmp.Or(s.project.Volumes[v.Source].Name, v.Source)
	for _, volume := range s.state.Volumes {
		switch {
		case volume.Name != name:
		case v.Volume != nil && v.Volume.Subpath != "":
			// Where the engine mounts a part of a volume is its own affair.
			return name, real.Source
		default:
			return name, volume.Mountpoint
		}
	}
	return name, "a volume of the project"
}

func describe(m container.MountPoint) string {
	access := "read-only"
	if m.RW {
		access = "writable"
	}
	text := fmt.Sprintf("%s %s at %s, %s", m.Type, cmp.Or(m.Name, m.Source), m.Destination, access)
	for _, detail := range []struct{ name, value string }{{"from", m.Source}, {"driver", m.Driver}, {"propagation", string(m.Propagation)}, {"mode", m.Mode}} {
		if detail.value != "" {
			text += ", " + detail.name + " " + detail.value
		}
	}
	return text
}
