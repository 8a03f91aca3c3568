package readback_test

import (
	"fmt"
	"maps"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/api/types/volume"
	"github.com/moby/moby/client/pkg/versions"

	"github.com/opengpu-network/templates/pkg/readback"
)

// notCompared are the fields that say nothing of what the model asks for, each
// with its reason. Whatever else the API's types have, or get with a new
// version, has to be compared.
var notCompared = map[string]string{
	"Container.Created":                 "when it was made",
	"Container.State":                   "how it fares, not how it is configured",
	"Container.ResolvConfPath":          "the engine's own file",
	"Container.HostnamePath":            "the engine's own file",
	"Container.HostsPath":               "the engine's own file",
	"Container.LogPath":                 "the engine's own file",
	"Container.RestartCount":            "how it fares",
	"Container.Driver":                  "the engine's storage driver",
	"Container.Platform":                "the engine's system; the image's platform is compared",
	"Container.MountLabel":              "follows from security_opt on engines with SELinux",
	"Container.ProcessLabel":            "follows from security_opt on engines with SELinux",
	"Container.ExecIDs":                 "health checks in progress",
	"Container.GraphDriver":             "the engine's storage",
	"Container.Storage":                 "the engine's storage",
	"Container.SizeRw":                  "what was written, and only when asked",
	"Container.SizeRootFs":              "what was written, and only when asked",
	"Container.ImageManifestDescriptor": "belongs to the image, whose ID is compared",

	"Container.Config.AttachStdout": "what the client that made the container would attach to",
	"Container.Config.AttachStderr": "what the client that made the container would attach to",
	"Container.Config.ExposedPorts": "opens nothing; published ports are compared",

	"Container.NetworkSettings.SandboxID":                       "the engine's own name",
	"Container.NetworkSettings.SandboxKey":                      "the engine's own file",
	"Container.NetworkSettings.Networks{*}.EndpointID":          "the engine's own name",
	"Container.NetworkSettings.Networks{*}.Gateway":             "given by the engine",
	"Container.NetworkSettings.Networks{*}.MacAddress":          "given by the engine; compared where the model gives it",
	"Container.NetworkSettings.Networks{*}.IPPrefixLen":         "given by the engine",
	"Container.NetworkSettings.Networks{*}.IPv6Gateway":         "given by the engine",
	"Container.NetworkSettings.Networks{*}.GlobalIPv6Address":   "given by the engine; compared where the model gives it",
	"Container.NetworkSettings.Networks{*}.GlobalIPv6PrefixLen": "given by the engine",

	"Container.NetworkSettings.Networks{*}.Aliases[-]": "the container's own name, which the engine knows anyway",

	"Network.Labels{-}":              "the harness's labels stand in the place of the model's",
	"Network.Labels{*}":              "the harness's labels stand in the place of the model's",
	"Network.Created":                "when it was made",
	"Network.IPAM.Config[0].Gateway": "given by the engine; compared where the model gives it",
	"Network.Containers{*}":          "addresses that are given by the engine; who is on it is compared",
	"Network.Containers{-}":          "one that has stopped is on no network",
	"Network.Services":               "of swarms only",
	"Network.Status":                 "how many addresses are taken",
	"Network.Peers":                  "of swarms only",

	"Volume.CreatedAt": "when it was made",
	"Volume.Status":    "what a driver says of its volume",
	"Volume.UsageData": "how much is in it",
}

// comparedSince are the fields that engines tell from a version of the API on: with
// older ones they cannot be compared.
var comparedSince = map[string]string{
	"Network.EnableIPv4": "1.48",
}

// toldLater are those of a list that the engine does not tell yet, with a reason.
func toldLater(list map[string]string, engine readback.Engine) map[string]string {
	later := map[string]string{}
	for path, since := range list {
		if versions.LessThan(engine.APIVersion, since) {
			later[path] = "not told before API " + since
		}
	}
	return later
}

// everyField changes every field that the API's types have, one at a time:
// Compare has to see it, or it is on the list above.
func everyField(t *testing.T, s stack, state readback.State) {
	used, notCompared := map[string]bool{}, maps.Clone(notCompared)
	maps.Copy(notCompared, toldLater(comparedSince, state.Engine))
	for _, root := range []struct {
		name string
		in   func(*readback.State) any
	}{
		{"Container", func(st *readback.State) any { return of(t, st, "base") }},
		{"Network", func(st *readback.State) any { return networkOf(st, "back") }},
		{"Volume", func(st *readback.State) any {
			return &st.Volumes[slices.IndexFunc(st.Volumes, func(v volume.Volume) bool { return strings.HasSuffix(v.Name, "_tuned") })]
		}},
	} {
		value := reflect.TypeOf(root.in(&state)).Elem()
		all := mutations(value, root.name)
		if len(all) < 10 {
			t.Fatalf("%s has only %d fields", root.name, len(all))
		}
		for _, m := range all {
			changed := copied(t, state)
			if !m.apply(reflect.ValueOf(root.in(changed)).Elem()) {
				continue
			}
			differences := readback.Compare(s.project, *changed)
			if prefix := listed(notCompared, m.path); prefix != "" {
				used[prefix] = true
				if len(differences) > 0 {
					t.Errorf("%s is compared: take it off the list (%+v)", m.path, differences[0])
				}
			} else if len(differences) == 0 {
				t.Errorf("%s is not compared: compare it, or put it on the list with a reason", m.path)
			}
		}
	}
	for path := range notCompared {
		if !used[path] {
			t.Errorf("%s is on the list, and no type has it", path)
		}
	}
	for _, must := range []reflect.Type{reflect.TypeFor[container.HostConfig](), reflect.TypeFor[container.Config](), reflect.TypeFor[container.MountPoint](), reflect.TypeFor[network.EndpointSettings]()} {
		if !reached[must] {
			t.Errorf("no field of %v was changed", must)
		}
	}
}

// listed finds the entry of a list that a path is in or below.
func listed(list map[string]string, path string) string {
	for prefix := range list {
		if rest, ok := strings.CutPrefix(path, prefix); ok && (rest == "" || strings.ContainsAny(rest[:1], ".[{")) {
			return prefix
		}
	}
	return ""
}

// mutation changes one thing in a value, and tells whether there was anything
// to change.
type mutation struct {
	path  string
	apply func(reflect.Value) bool
}

// reached are the struct types that mutations went through.
var reached = map[reflect.Type]bool{}

// mutations are all single changes of a type's values.
func mutations(of reflect.Type, path string) []mutation {
	if value := other(of); value.IsValid() {
		return []mutation{{path, func(v reflect.Value) bool { v.Set(value); return true }}}
	}
	var out []mutation
	// inner changes what a container of other values holds.
	inner := func(elem reflect.Type, path string, into func(v reflect.Value, apply func(reflect.Value) bool) bool) {
		for _, m := range mutations(elem, path) {
			out = append(out, mutation{m.path, func(v reflect.Value) bool { return into(v, m.apply) }})
		}
	}
	switch of.Kind() {
	case reflect.Bool:
		return []mutation{{path, func(v reflect.Value) bool { v.SetBool(!v.Bool()); return true }}}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32:
		return []mutation{{path, func(v reflect.Value) bool { v.SetInt(v.Int() + 7); return true }}}
	case reflect.Int64:
		// Nanoseconds and billionths of a CPU are many.
		return []mutation{{path, func(v reflect.Value) bool { v.SetInt(v.Int() + 1<<40); return true }}}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return []mutation{{path, func(v reflect.Value) bool { v.SetUint(v.Uint() + 7); return true }}}
	case reflect.Float32, reflect.Float64:
		return []mutation{{path, func(v reflect.Value) bool { v.SetFloat(v.Float() + 7); return true }}}
	case reflect.String:
		return []mutation{{path, func(v reflect.Value) bool { v.SetString(v.String() + "x"); return true }}}
	case reflect.Interface:
		return []mutation{{path, func(v reflect.Value) bool { v.Set(reflect.ValueOf("x")); return true }}}
	case reflect.Struct:
		reached[of] = true
		for i := range of.NumField() {
			f := of.Field(i)
			if !f.IsExported() {
				continue
			}
			name := path
			if !f.Anonymous {
				name += "." + f.Name
			}
			inner(f.Type, name, func(v reflect.Value, apply func(reflect.Value) bool) bool { return apply(v.Field(i)) })
		}
	case reflect.Pointer:
		inner(of.Elem(), path, func(v reflect.Value, apply func(reflect.Value) bool) bool {
			if v.IsNil() {
				v.Set(reflect.New(of.Elem()))
			}
			return apply(v.Elem())
		})
	case reflect.Array:
		inner(of.Elem(), path+"[0]", func(v reflect.Value, apply func(reflect.Value) bool) bool { return apply(v.Index(0)) })
	case reflect.Slice:
		out = append(out,
			mutation{path + "[+]", func(v reflect.Value) bool { v.Set(reflect.Append(v, sample(of.Elem()))); return true }},
			mutation{path + "[-]", func(v reflect.Value) bool {
				if v.Len() == 0 {
					return false
				}
				v.Set(v.Slice(1, v.Len()))
				return true
			}})
		inner(of.Elem(), path+"[0]", func(v reflect.Value, apply func(reflect.Value) bool) bool { return v.Len() > 0 && apply(v.Index(0)) })
	case reflect.Map:
		out = append(out,
			mutation{path + "{+}", func(v reflect.Value) bool {
				if v.IsNil() {
					v.Set(reflect.MakeMap(of))
				}
				v.SetMapIndex(sample(of.Key()), sample(of.Elem()))
				return true
			}},
			mutation{path + "{-}", func(v reflect.Value) bool {
				if v.Len() == 0 {
					return false
				}
				v.SetMapIndex(firstKey(v), reflect.Value{})
				return true
			}})
		inner(of.Elem(), path+"{*}", func(v reflect.Value, apply func(reflect.Value) bool) bool {
			if v.Len() == 0 {
				return false
			}
			key := firstKey(v)
			value := reflect.New(of.Elem()).Elem()
			value.Set(v.MapIndex(key))
			defer func() { v.SetMapIndex(key, value) }()
			return apply(value)
		})
	}
	return out
}

// other is a value of a type that is changed as a whole.
func other(of reflect.Type) reflect.Value {
	for _, value := range []any{
		netip.MustParseAddr("203.0.113.77"), netip.MustParsePrefix("203.0.113.0/24"), network.MustParsePort("777/tcp"),
		network.HardwareAddr{2, 3, 4, 5, 6, 7}, time.Unix(7, 0).UTC(),
	} {
		if reflect.TypeOf(value) == of {
			return reflect.ValueOf(value)
		}
	}
	return reflect.Value{}
}

// sample is a value with something in it.
func sample(of reflect.Type) reflect.Value {
	v := reflect.New(of).Elem()
	if all := mutations(of, ""); len(all) > 0 {
		all[0].apply(v)
	}
	return v
}

// firstKey prefers labels that are not the harness's, and is the same each time.
func firstKey(v reflect.Value) reflect.Value {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int {
		rank := func(v reflect.Value) string {
			if s := fmt.Sprint(v); !strings.HasPrefix(s, "com.docker.compose") {
				return s
			}
			return "~"
		}
		return strings.Compare(rank(a), rank(b))
	})
	return keys[0]
}
