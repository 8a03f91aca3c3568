package readback_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/moby/moby/client/pkg/versions"

	"github.com/opengpu-network/templates/pkg/readback"
)

// clean fails the test for every difference.
func clean(t *testing.T, differences []readback.Difference) {
	t.Helper()
	for _, d := range differences {
		t.Errorf("%s %s: want %s, got %s", d.Service, d.Field, d.Want, d.Got)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestClean starts each stack of the folder: what runs is what was asked for.
func TestClean(t *testing.T) {
	files, err := filepath.Glob("../../testdata/readback/*.yml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stacks: %v", err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, ".different.yml") {
			continue // TestPromises
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			s := start(t, read(t, file))
			// A stack whose name ends so asks for a GPU that this engine does not
			// have: its containers are made, and do not start.
			if wantError := strings.HasSuffix(file, ".created.yml"); wantError != (s.upError != nil) {
				t.Fatalf("start: %v", s.upError)
			}
			state := s.read(t)
			if len(state.Containers) == 0 {
				t.Fatal("there are no containers")
			}
			clean(t, readback.Compare(s.project, state))
		})
	}
}

// TestCatalog starts the catalog's own templates, with the test image in the
// place of theirs, a single CPU and quicker health checks. The GPU requests stay:
// without such hardware the containers are made, and do not start.
func TestCatalog(t *testing.T) {
	files, err := filepath.Glob("../../templates/*/compose/*.yml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no templates: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(filepath.Dir(filepath.Dir(file)))+"-"+filepath.Base(file), func(t *testing.T) {
			text := regexp.MustCompile(`image: .*`).ReplaceAllLiteralString(read(t, file), "image: ${IMAGE}")
			text = regexp.MustCompile(`cpus: .*`).ReplaceAllString(text, "cpus: 0.7")
			text = regexp.MustCompile(`interval: .*`).ReplaceAllString(text, "interval: 1s")
			s := start(t, text)
			if strings.HasSuffix(file, "cpu.yml") && s.upError != nil {
				t.Fatal(s.upError)
			}
			state := s.read(t)
			if len(state.Containers) != len(s.project.Services) {
				t.Fatalf("%d containers of %d services: %v", len(state.Containers), len(s.project.Services), s.upError)
			}
			clean(t, readback.Compare(s.project, state))
		})
	}
}

// TestPromises starts a stack that asks for what Compose, or an engine as old as
// the oldest that the project supports, passes over in silence.
func TestPromises(t *testing.T) {
	s := start(t, read(t, "../../testdata/readback/promises.different.yml"))
	if s.upError != nil {
		t.Fatal(s.upError)
	}
	state := s.read(t)
	want := []string{"cleared command", "reader volumes", "reader volumes_from"}
	// Newer engines keep these two promises.
	if versions.LessThan(state.Engine.APIVersion, "1.43") {
		want = append(want, "annotated annotations")
	}
	if versions.LessThan(state.Engine.APIVersion, "1.44") {
		want = append(want, "addressed networks.default.mac_address")
	}
	// And cgroups of version 1 this one.
	if state.Engine.CgroupVersion == "2" {
		want = append(want, "stubborn oom_kill_disable")
	}
	slices.Sort(want)
	var got []string
	for _, d := range readback.Compare(s.project, state) {
		got = append(got, d.Service+" "+d.Field)
	}
	if !slices.Equal(want, got) {
		t.Errorf("got %q, want %q", got, want)
	}
}
