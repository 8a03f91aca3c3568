package readback

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/moby/api/types/container"
)

// inheritedMounts are the mounts of other services' containers that
// volumes_from brings. Those of the other services are compared there.
func (s *subject) inheritedMounts() map[string]container.MountPoint {
	var want, got []string
	for _, from := range s.model.VolumesFrom {
		name, mode := splitMode(from)
		if id, ok := strings.CutPrefix(name, types.ContainerPrefix); ok {
			name = s.owner(id)
		} else {
			name = types.ServicePrefix + name
		}
		want = append(want, name+":"+mode)
	}
	inherited := map[string]container.MountPoint{}
	for _, from := range s.host.VolumesFrom {
		id, mode := splitMode(from)
		owner := s.owner(id) + ":" + mode
		got = append(got, owner)
		if !slices.Contains(want, owner) {
			continue
		}
		for _, other := range s.state.Containers {
			if other.ID != id && strings.TrimPrefix(other.Name, "/") != id {
				continue
			}
			for _, m := range other.Mounts {
				m.RW = m.RW && mode == "rw"
				inherited[path.Clean(m.Destination)] = m
			}
		}
	}
	s.set("volumes_from", want, got)
	return inherited
}

// splitMode splits NAME or NAME:MODE; without a mode it is rw.
func splitMode(from string) (name, mode string) {
	for _, mode := range []string{"ro", "rw"} {
		if name, ok := strings.CutSuffix(from, ":"+mode); ok {
			return name, mode
		}
	}
	return from, "rw"
}

// tmpfs compares the mounts of the key tmpfs, which are no mount points.
func (s *subject) tmpfs() {
	want, got := map[string]string{}, map[string]string{}
	for _, entry := range s.model.Tmpfs {
		target, options, _ := strings.Cut(entry, ":")
		want[path.Clean(target)] = strings.Join(sorted(strings.Split(options, ",")), ",")
	}
	for target, options := range s.host.Tmpfs {
		got[path.Clean(target)] = strings.Join(sorted(strings.Split(options, ",")), ",")
	}
	s.mapping("tmpfs", want, got)
}

func fileMode(bits uint32) fs.FileMode { return fs.FileMode(bits) }
