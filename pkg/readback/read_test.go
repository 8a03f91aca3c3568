package readback

import (
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/moby/api/types/blkiodev"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/api/types/volume"
)

func TestUnknownFields(t *testing.T) {
	raw := []byte(`{"Id": "1",
		"Config": {"Hostname": "a", "Env": ["A=b"], "MacAddress": "", "Labels": {}, "Brand": "new"},
		"HostConfig": {"Memory": 5, "KernelMemory": 0, "Unmask": true, "Later": null, "Other": [], "Runtime": "runc", "Sysctls": {"a": "b"}}}`)
	if got, want := unknownFields(raw), []string{"Config.Brand", "HostConfig.Unmask"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAtMost(t *testing.T) {
	if err := atMost(maxContainers, maxContainers, "containers"); err != nil {
		t.Error(err)
	}
	if err := atMost(maxContainers+1, maxContainers, "containers"); err == nil {
		t.Error("more containers than any stack has are accepted")
	}
}

// What an engine answers need not make sense.
func TestCompareAnything(t *testing.T) {
	project := &types.Project{Name: "p", Services: types.Services{"a": {Image: "a:1"}}}
	labels := map[string]string{projectLabel: "p", "com.docker.compose.service": "a"}
	state := State{
		Containers: []container.InspectResponse{
			{},
			{ID: "1", Config: &container.Config{}, HostConfig: &container.HostConfig{}, NetworkSettings: &container.NetworkSettings{}},
			{
				ID: "2", Config: &container.Config{Labels: labels, Env: []string{"", "=", "A"}},
				HostConfig: &container.HostConfig{
					Binds: []string{"", ":", "\x1b[2J:/x:\n"}, VolumesFrom: []string{"", ":ro"}, Links: []string{"", ":"}, ExtraHosts: []string{"", "="},
					SecurityOpt: []string{"", "="}, NetworkMode: "container:", Resources: container.Resources{Ulimits: []*container.Ulimit{nil}, BlkioWeightDevice: []*blkiodev.WeightDevice{nil}},
				},
				NetworkSettings: &container.NetworkSettings{Networks: map[string]*network.EndpointSettings{"n": nil}},
				Mounts:          []container.MountPoint{{}, {}},
			},
		},
		Networks: []network.Inspect{{}, {}},
		Volumes:  []volume.Volume{{}, {}},
	}
	differences := Compare(project, state)
	if len(differences) < 10 {
		t.Errorf("only %d differences", len(differences))
	}
	for _, d := range differences {
		if text := d.Service + d.Field + d.Want + d.Got; strings.ContainsAny(text, "\x1b\n") {
			t.Errorf("%q could write to a terminal", text)
		}
	}
}

func TestClip(t *testing.T) {
	for text, want := range map[string]string{
		"plain \"quoted\" \\ ü":        "plain \"quoted\" \\ ü",
		"\x1b[31mred\n\xff":            `\x1b[31mred\n\xff`,
		strings.Repeat("ü", 101):       strings.Repeat("ü", 100) + "…",
		strings.Repeat("a", 199) + "ü": strings.Repeat("a", 199) + "…",
	} {
		if got := clip(text); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
