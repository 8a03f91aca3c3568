package publish

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/opengpu-network/templates/pkg/release"
)

func TestChanges(t *testing.T) {
	file := func(path, digit string, size int) release.HostedFile {
		return release.HostedFile{File: release.File{Path: path, Size: size, SHA256: strings.Repeat(digit, 64)}, URL: "https://example.com/" + digit + path}
	}
	gib := int64(1 << 30)
	published := &release.Metadata{Name: "Echo", Description: "\x1b[2J", CPU: "https://example.com/1", Template: &release.Stamp{
		Version: "1.0.0",
		Files:   []release.HostedFile{file("README.md", "1", 10), file("compose/amd.yml", "2", 20), file("compose/cpu.yml", "3", 30)},
		Environments: map[string]release.Environment{
			"cpu": {Compose: "compose/cpu.yml", Hardware: release.Hardware{RAM: gib}}, "amd": {Compose: "compose/amd.yml"},
		},
		About: release.About{Exceptions: map[string]string{"amd": "no such machine yet", "cpu": "the same reason"}, Origin: release.Origin{Commit: "1"}},
	}}
	next := &release.Metadata{Name: "Echo", Description: "new", CPU: "https://example.com/2", Template: &release.Stamp{
		Version: "1.1.0",
		Files:   []release.HostedFile{file("README.md", "1", 10), file("compose/cpu.yml", "4", 31), file("compose/nvidia.yml", "5", 50)},
		Environments: map[string]release.Environment{
			"cpu": {Compose: "compose/cpu.yml", Hardware: release.Hardware{RAM: 2 * gib}}, "nvidia": {Compose: "compose/nvidia.yml"},
		},
		About: release.About{Exceptions: map[string]string{"nvidia": "\n::error::", "cpu": "the same reason"}, Marks: []string{"one", "two"}, Origin: release.Origin{Commit: "2"}},
	}}
	want := []Change{
		{"description", `"new", and was "\x1b[2J"`},
		{"compose/cpu.yml", "sha256 " + strings.Repeat("4", 64) + ", and was " + strings.Repeat("3", 64)},
		{"compose/nvidia.yml", "is new, 50 bytes"},
		{"compose/amd.yml", "is gone"},
		{"environment amd", "is gone"},
		{"hardware of cpu", "2GiB RAM, and was 1GiB RAM"},
		{"environment nvidia", "is new"},
		{"exception for amd", `is gone, and was "no such machine yet"`},
		{"exception for nvidia", `is new: "\n::error::"`},
		{"marks", `is new: "one; two"`},
		{"commit", `"2", and was "1"`},
	}
	if diff := cmp.Diff(want, Changes(published, next)); diff != "" {
		t.Error(diff)
	}
	if got := Changes(published, published); len(got) > 0 {
		t.Error(got)
	}
}
