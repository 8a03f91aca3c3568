package readback

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/moby/api/types/mount"
)

// requested compares what was asked of the engine. A mount of the model is
// asked for once; volumes that the image declares are not asked for.
func (s *subject) requested(wanted map[string]types.ServiceVolumeConfig) {
	times := map[string]int{}
	for _, bind := range s.host.Binds {
		parts := strings.SplitN(bind, ":", 3)
		if len(parts) < 2 {
			s.differ("volumes", "no volume at "+bind, bind)
			continue
		}
		target := path.Clean(parts[1])
		times[target]++
		options := ""
		if len(parts) == 3 {
			options = parts[2]
		}
		if v, ok := wanted[target]; !ok {
			s.differ("volumes", "no mount at "+target, bind)
		} else if want := s.bind(v, options); want != bind {
			s.differ("volumes", want, bind)
		}
	}
	for _, real := range s.host.Mounts {
		target := path.Clean(real.Target)
		times[target]++
		if v, ok := wanted[target]; !ok {
			s.differ("volumes", "no mount at "+target, fmt.Sprintf("%s %s at %s", real.Type, real.Source, target))
		} else if want := s.mountRequest(v, real); !reflect.DeepEqual(want, filled(real)) {
			s.differ("volumes", fmt.Sprintf("%s %s at %s with the options of the model", want.Type, want.Source, target),
				fmt.Sprintf("%s %s at %s with other options", real.Type, real.Source, target))
		}
	}
	for _, target := range slices.Sorted(maps.Keys(wanted)) {
		if times[target] != 1 {
			s.differ("volumes", "the mount at "+target+" asked for once", fmt.Sprintf("asked for %d times", times[target]))
		}
	}
}

// bind is a mount in the short form SOURCE:TARGET:OPTIONS. The options stay as
// they are when they say what the model says, in whatever order.
func (s *subject) bind(v types.ServiceVolumeConfig, options string) string {
	want := []string{"rw"}
	if v.ReadOnly {
		want = []string{"ro"}
	}
	source := v.Source
	if v.Type == types.VolumeTypeVolume {
		source = cmp.Or(s.project.Volumes[v.Source].Name, v.Source)
		if v.Volume != nil && v.Volume.NoCopy {
			want = append(want, "nocopy")
		}
	}
	if v.Bind != nil {
		for _, option := range []string{v.Bind.SELinux, v.Bind.Propagation} {
			if option != "" {
				want = append(want, option)
			}
		}
	}
	// These have no short form.
	if v.Volume != nil && v.Volume.Subpath != "" {
		want = append(want, "subpath "+v.Volume.Subpath)
	}
	if v.Bind != nil && v.Bind.Recursive != "" {
		want = append(want, "recursive "+v.Bind.Recursive)
	}
	got := strings.Split(options, ",")
	if !v.ReadOnly && !slices.Contains(got, "rw") {
		got = append(got, "rw")
	}
	got = slices.DeleteFunc(got, func(option string) bool { return option == "" })
	text := source + ":" + v.Target
	switch {
	case !slices.Equal(sorted(want), sorted(got)):
		return text + ":" + strings.Join(want, ",")
	case options != "":
		return text + ":" + options
	}
	return text
}

// mountRequest is a mount in the long form.
func (s *subject) mountRequest(v types.ServiceVolumeConfig, real mount.Mount) mount.Mount {
	want := filled(mount.Mount{
		Type: mount.Type(v.Type), Source: v.Source, Target: real.Target, ReadOnly: v.ReadOnly, Consistency: mount.Consistency(v.Consistency),
	})
	switch v.Type {
	case types.VolumeTypeVolume:
		want.Source = cmp.Or(s.project.Volumes[v.Source].Name, v.Source)
		if v.Volume != nil {
			want.VolumeOptions.NoCopy, want.VolumeOptions.Subpath = v.Volume.NoCopy, v.Volume.Subpath
			want.VolumeOptions.Labels = merge(nil, v.Volume.Labels)
		}
	case types.VolumeTypeTmpfs:
		if v.Tmpfs != nil {
			want.TmpfsOptions.SizeBytes = int64(v.Tmpfs.Size)
			want.TmpfsOptions.Mode = fileMode(v.Tmpfs.Mode)
		}
	case types.VolumeTypeImage:
		if v.Image != nil {
			want.ImageOptions.Subpath = v.Image.SubPath
		}
	case types.VolumeTypeBind:
		if v.Bind != nil {
			want.BindOptions.Propagation = mount.Propagation(v.Bind.Propagation)
			want.BindOptions.NonRecursive = v.Bind.Recursive == "disabled"
			want.BindOptions.ReadOnlyNonRecursive = v.Bind.Recursive == "writable"
			want.BindOptions.ReadOnlyForceRecursive = v.Bind.Recursive == "readonly"
			// Engines and versions of Compose that do not know it leave it out.
			want.BindOptions.CreateMountpoint = bool(v.Bind.CreateHostPath) && real.BindOptions != nil && real.BindOptions.CreateMountpoint
		}
	}
	return want
}

// filled is a mount in which options that were left out are empty ones.
func filled(m mount.Mount) mount.Mount {
	bind, volume, tmpfs, image := deref(m.BindOptions), deref(m.VolumeOptions), deref(m.TmpfsOptions), deref(m.ImageOptions)
	volume.Labels = merge(nil, volume.Labels)
	if len(tmpfs.Options) == 0 {
		tmpfs.Options = nil
	}
	m.BindOptions, m.VolumeOptions, m.TmpfsOptions, m.ImageOptions = &bind, &volume, &tmpfs, &image
	return m
}
