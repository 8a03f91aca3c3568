package hardware

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Limits on what is read of a kernel's tables.
const (
	maxFileBytes = 256 << 10
	maxEntries   = 1024
)

// Read reads the facts from a mounted procfs and sysfs. What a container sees
// there is the host's, but not in a container that itself was given a GPU: the
// NVIDIA toolkit hides the others from it. Of AMD's GPUs, the kernel shows a
// container only those whose device it may open; see ProbeDeviceRules.
// What is not there is left empty; what cannot be read is in Problems.
func Read(proc, sys fs.FS) Facts {
	r := &reader{}
	f := Facts{
		Kernel: clean(r.text(proc, "sys/kernel/osrelease")),
		CPUs:   countCPUs(r.text(sys, "devices/system/cpu/online")),
		Memory: memTotal(r.text(proc, "meminfo")),
		NVIDIA: r.nvidia(proc),
		AMD:    r.amd(sys),
	}
	f.Problems = r.problems
	return f
}

// reader reads small files and remembers what went wrong.
type reader struct {
	problems []string
}

func (r *reader) problem(format string, args ...any) {
	if len(r.problems) < maxEntries {
		r.problems = append(r.problems, clean(fmt.Sprintf(format, args...)))
	}
}

// text is the content of a file; empty when there is none. Only regular files
// are opened, so that nothing waits for a writer.
func (r *reader) text(fsys fs.FS, name string) string {
	data, err := readFile(fsys, name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		r.problem("%s cannot be read: %v", name, err)
	}
	return string(data)
}

func readFile(fsys fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	file, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxFileBytes+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFileBytes {
		return nil, fmt.Errorf("larger than %d bytes", maxFileBytes)
	}
	return data, nil
}

// list is the sorted names in a folder; none when there is no such folder.
func (r *reader) list(fsys fs.FS, name string) []string {
	names, err := listFolder(fsys, name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		r.problem("%s cannot be read: %v", name, err)
	}
	return names
}

func listFolder(fsys fs.FS, name string) ([]string, error) {
	// A folder is looked at before it is opened, as a file is.
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, errors.New("not a folder")
	}
	file, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	folder, ok := file.(fs.ReadDirFile)
	if !ok {
		return nil, errors.New("not a folder")
	}
	entries, err := folder.ReadDir(maxEntries + 1)
	if err != nil && err != io.EOF {
		return nil, err
	}
	if len(entries) > maxEntries {
		return nil, fmt.Errorf("more than %d entries", maxEntries)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	slices.Sort(names)
	return names, nil
}

var memTotalLine = regexp.MustCompile(`(?m)^MemTotal:\s+(\d+) kB$`)

// memTotal reads the host's memory in bytes from /proc/meminfo.
func memTotal(meminfo string) int64 {
	m := memTotalLine.FindStringSubmatch(meminfo)
	if m == nil {
		return 0
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil {
		return 0
	}
	bytes, _ := times(n, 1<<10)
	return bytes
}

// countCPUs counts a list such as "0-3,8". 0 is a list that is not one.
func countCPUs(list string) int {
	count, last := 0, -1
	for part := range strings.SplitSeq(strings.TrimSpace(list), ",") {
		first, end, isRange := strings.Cut(part, "-")
		if !isRange {
			end = first
		}
		a, err1 := strconv.ParseUint(first, 10, 16)
		b, err2 := strconv.ParseUint(end, 10, 16)
		if err1 != nil || err2 != nil || int(a) <= last || b < a {
			return 0
		}
		count, last = count+int(b-a)+1, int(b)
	}
	return count
}
