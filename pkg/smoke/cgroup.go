package smoke

import (
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

// cgroup is a container's control group, in which the kernel counts its memory.
type cgroup struct {
	folder string
	// usage is the file with all that it takes, and cache the line of memory.stat
	// with the part that is file cache which the kernel would give up.
	usage, cache string
}

// findCgroup finds a container's control group by its process, among the files
// of the host. The number is the engine's: in another PID namespace, and when the
// process has ended, it is another process here or none. So a path that does not
// name the container is refused.
func findCgroup(host fs.FS, id string, pid int) (cgroup, error) {
	text, err := readSmall(host, fmt.Sprintf("proc/%d/cgroup", pid))
	if err != nil {
		return cgroup{}, err
	}
	var found cgroup
	var path string
	for line := range strings.Lines(text) {
		// The hierarchy's number, its controllers and the path in it.
		fields := strings.SplitN(strings.TrimSuffix(line, "\n"), ":", 3)
		if len(fields) != 3 {
			continue
		}
		if slices.Contains(strings.Split(fields[1], ","), "memory") {
			// Where both versions are in use, this one counts memory.
			found, path = cgroup{"sys/fs/cgroup/memory", "memory.usage_in_bytes", "total_inactive_file"}, fields[2]
			break
		}
		if fields[0] == "0" && fields[1] == "" {
			found, path = cgroup{"sys/fs/cgroup", "memory.current", "inactive_file"}, fields[2]
		}
	}
	// The process may be in a group below, of the container's own making.
	elements := strings.Split(path, "/")
	own := slices.IndexFunc(elements, func(element string) bool { return element == id || element == "docker-"+id+".scope" })
	if own < 0 {
		return cgroup{}, fmt.Errorf("process %d is not known to be in the container %s: its control group is %q", pid, id, path)
	}
	found.folder += strings.Join(elements[:own+1], "/")
	return found, nil
}

// memory is what the container takes in bytes, as `docker stats` counts it.
func (c cgroup) memory(host fs.FS) (int64, error) {
	text, err := readSmall(host, c.folder+"/"+c.usage)
	if err != nil {
		return 0, err
	}
	usage, err := strconv.ParseUint(strings.TrimSpace(text), 10, 63)
	if err != nil {
		return 0, err
	}
	if text, err = readSmall(host, c.folder+"/memory.stat"); err != nil {
		return 0, err
	}
	for line := range strings.Lines(text) {
		if name, number, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " "); name == c.cache {
			cache, err := strconv.ParseUint(number, 10, 63)
			return withoutCache(usage, cache), err
		}
	}
	return 0, fmt.Errorf("%s/memory.stat does not tell %s", c.folder, c.cache)
}

// readSmall reads a file of the kernel's. Those that are read here take a few
// kilobytes at most: what is larger is something else.
func readSmall(files fs.FS, name string) (string, error) {
	const limit = 64 << 10
	file, err := files.Open(name)
	if err != nil {
		return "", err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err == nil && len(text) > limit {
		err = fmt.Errorf("%s is larger than %d bytes", name, limit)
	}
	return string(text), err
}
