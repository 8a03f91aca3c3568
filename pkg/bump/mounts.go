package bump

import (
	"fmt"
	"slices"
	"strings"

	"github.com/docker/go-units"
)

// mounts compares what is mounted. Named volumes are the stack's own, and so is a
// tmpfs, which takes memory.
func mounts(base, head any) string {
	type place struct{ source, target any }
	before := map[place]map[string]any{}
	for _, mount := range members(base) {
		before[place{mount["source"], mount["target"]}] = mount
	}
	for _, mount := range members(head) {
		shown := entries([]any{mount})[0]
		was := before[place{mount["source"], mount["target"]}]
		if equal(was, mount) {
			continue
		}
		own := mount["type"] == "volume" || mount["type"] == "tmpfs"
		switch {
		case !own || mount["type"] == "tmpfs" && was["type"] != "tmpfs":
			return fmt.Sprintf("has the mount %.120s, and had not", shown)
		case was["read_only"] == true && mount["read_only"] != true:
			return fmt.Sprintf("lets %q be written to", mount["target"])
		}
		if mount["type"] == "tmpfs" {
			if wider := limit(tmpfsSize(was), tmpfsSize(mount)); wider != "" {
				return fmt.Sprintf("has a tmpfs at %q whose size %s", mount["target"], wider)
			}
		}
	}
	return ""
}

func members(list any) (all []map[string]any) {
	items, _ := list.([]any)
	for _, item := range items {
		if member, ok := item.(map[string]any); ok {
			all = append(all, member)
		}
	}
	return all
}

// tmpfsSize is the size that a mount states, as a model has it.
func tmpfsSize(mount map[string]any) any {
	about, _ := mount["tmpfs"].(map[string]any)
	return about["size"]
}

// tmpfs compares lists of folders in memory, each a path with options: it takes
// memory, and an option may let programs in it be run.
func tmpfs(base, head any) string {
	type folder struct {
		options []string
		size    any // nil when it is not limited
	}
	read := func(entry string) (string, folder) {
		target, text, _ := strings.Cut(entry, ":")
		var f folder
		for _, option := range strings.Split(text, ",") {
			// The kernel knows more notations, such as 50%: those are compared as they are.
			if size, ok := strings.CutPrefix(option, "size="); ok {
				if bytes, err := units.RAMInBytes(size); err == nil {
					f.size = bytes
					continue
				}
			}
			f.options = append(f.options, option)
		}
		slices.Sort(f.options)
		return target, f
	}
	before := map[string]folder{}
	for _, entry := range texts(base) {
		target, f := read(entry)
		before[target] = f
	}
	for _, entry := range texts(head) {
		target, f := read(entry)
		was, there := before[target]
		switch {
		case slices.Contains(texts(base), entry):
		case !there || !slices.Equal(was.options, f.options):
			return fmt.Sprintf("has %.80q, and had not", entry)
		case limit(was.size, f.size) != "":
			return fmt.Sprintf("has a size at %.80q that %s", target, limit(was.size, f.size))
		}
	}
	return ""
}

func texts(list any) (all []string) {
	items, _ := list.([]any)
	for _, item := range items {
		if text, ok := item.(string); ok {
			all = append(all, text)
		}
	}
	return all
}
