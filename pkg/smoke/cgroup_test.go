package smoke

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// hostFiles writes what stands in a host's files into a folder.
func hostFiles(t *testing.T, files map[string]string) (root string) {
	t.Helper()
	root = t.TempDir()
	for name, text := range files {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// TestCgroup reads a container's memory from the files of hosts of all kinds. What
// is not certainly the container's own is refused.
func TestCgroup(t *testing.T) {
	own, other := strings.Repeat("a", 64), strings.Repeat("b", 64)
	const v1Stat = "cache 9\ninactive_file 1\ntotal_cache 9\ntotal_inactive_file 300\ntotal_active_file 2\n"
	const v2Stat = "anon 9\nfile 9\ninactive_anon 7\ninactive_file 200\nactive_file 2\n"
	v1 := func(folder string, more ...string) map[string]string {
		files := map[string]string{
			"proc/7/cgroup": "12:pids:/elsewhere\n4:memory:" + folder + "\n1:name=systemd:/elsewhere\n0::/\n",
			"sys/fs/cgroup/memory" + folder + "/memory.usage_in_bytes": "1000\n",
			"sys/fs/cgroup/memory" + folder + "/memory.stat":           v1Stat,
		}
		for i := 0; i < len(more); i += 2 {
			files[more[i]] = more[i+1]
		}
		return files
	}
	v2 := func(folder string, more ...string) map[string]string {
		files := map[string]string{
			"proc/7/cgroup": "0::" + folder + "\n",
			"sys/fs/cgroup" + folder + "/memory.current": "2000\n",
			"sys/fs/cgroup" + folder + "/memory.stat":    v2Stat,
		}
		for i := 0; i < len(more); i += 2 {
			files[more[i]] = more[i+1]
		}
		return files
	}
	without := func(files map[string]string, name string) map[string]string {
		if _, there := files[name]; !there {
			t.Errorf("%s is not there anyway", name)
		}
		delete(files, name)
		return files
	}
	const refused = -1
	v1Folder, v2Folder := "sys/fs/cgroup/memory/docker/"+own, "sys/fs/cgroup/docker/"+own
	for name, c := range map[string]struct {
		files map[string]string
		want  int64
	}{
		"v1":                        {v1("/docker/" + own), 700},
		"v1, systemd":               {v1("/system.slice/docker-" + own + ".scope"), 700},
		"v1, a parent of its own":   {v1("/ogpu-enginetest-7/" + own), 700},
		"v1, mounted with others":   {v1("/docker/"+own, "proc/7/cgroup", "4:hugetlb,memory:/docker/"+own+"\n"), 700},
		"v1, in a group below":      {v1("/docker/"+own, "proc/7/cgroup", "4:memory:/docker/"+own+"/init\n"), 700},
		"v1, engine in a container": {v1("/docker/" + other + "/docker/" + own), 700},
		"v2":                        {v2("/docker/" + own), 1800},
		"v2, systemd":               {v2("/system.slice/docker-" + own + ".scope"), 1800},
		"v2, in a group below": {v2("/system.slice/docker-"+own+".scope",
			"proc/7/cgroup", "0::/system.slice/docker-"+own+".scope/init.scope\n"), 1800},
		// Both versions in use: the first counts memory.
		"hybrid": {v1("/docker/"+own, "proc/7/cgroup", "0::/docker/"+own+"\n4:memory:/docker/"+own+"\n",
			v2Folder+"/memory.current", "2000\n", v2Folder+"/memory.stat", v2Stat), 700},
		"hybrid, the other way round": {v1("/docker/"+own, "proc/7/cgroup", "4:memory:/docker/"+own+"\n0::/docker/"+own+"\n",
			v2Folder+"/memory.current", "2000\n", v2Folder+"/memory.stat", v2Stat), 700},
		"hybrid, the first is another's": {v2("/docker/"+own, "proc/7/cgroup", "4:memory:/docker/"+other+"\n0::/docker/"+own+"\n"), refused},
		"cache counted later, v1":        {v1("/docker/"+own, v1Folder+"/memory.stat", "total_inactive_file 1001\n"), 1000},
		"cache counted later, v2":        {v2("/docker/"+own, v2Folder+"/memory.stat", "inactive_file 2001\n"), 2000},
		"all is cache":                   {v2("/docker/"+own, v2Folder+"/memory.stat", "inactive_file 2000\n"), 0},

		// The number of the process means another one here.
		"another container's":       {v1("/docker/" + other), refused},
		"another container's, v2":   {v2("/system.slice/docker-" + other + ".scope"), refused},
		"no container's":            {v1("/user.slice"), refused},
		"the root":                  {v2(""), refused},
		"a name that begins alike":  {v1("/docker/" + own + "-more"), refused},
		"a name that ends alike":    {v1("/docker/more-" + own), refused},
		"a scope of another engine": {v1("/machine.slice/libpod-" + own + ".scope"), refused},
		"out of the mount":          {v1("/../"+own, "sys/fs/cgroup/"+own+"/memory.usage_in_bytes", "1000\n"), refused},

		"no process":         {without(v1("/docker/"+own), "proc/7/cgroup"), refused},
		"not Linux":          {nil, refused},
		"no usage, v1":       {without(v1("/docker/"+own), v1Folder+"/memory.usage_in_bytes"), refused},
		"no usage, v2":       {without(v2("/docker/"+own), v2Folder+"/memory.current"), refused},
		"no parts, v1":       {without(v1("/docker/"+own), v1Folder+"/memory.stat"), refused},
		"no parts, v2":       {without(v2("/docker/"+own), v2Folder+"/memory.stat"), refused},
		"memory not counted": {v1("/docker/"+own, "proc/7/cgroup", "12:pids:/docker/"+own+"\n0::/\n"), refused},

		"empty process":         {v1("/docker/"+own, "proc/7/cgroup", ""), refused},
		"garbage of a process":  {v1("/docker/"+own, "proc/7/cgroup", "\x00\xff:::\n\n:\nmemory\n"+own), refused},
		"a folder for usage":    {without(v1("/docker/"+own, v1Folder+"/memory.usage_in_bytes/x", ""), v1Folder+"/memory.usage_in_bytes"), refused},
		"empty usage":           {v1("/docker/"+own, v1Folder+"/memory.usage_in_bytes", ""), refused},
		"garbage for usage":     {v1("/docker/"+own, v1Folder+"/memory.usage_in_bytes", "1 GiB\n"), refused},
		"usage below zero":      {v2("/docker/"+own, v2Folder+"/memory.current", "-1\n"), refused},
		"usage without a limit": {v2("/docker/"+own, v2Folder+"/memory.current", "18446744073709551615\n"), refused},
		"no cache, v1":          {v1("/docker/"+own, v1Folder+"/memory.stat", "inactive_file 300\nxtotal_inactive_file 300\n"), refused},
		"no cache, v2":          {v2("/docker/"+own, v2Folder+"/memory.stat", "total_inactive_file 200\n"), refused},
		"garbage for cache":     {v2("/docker/"+own, v2Folder+"/memory.stat", "inactive_file\n"), refused},
		"huge parts":            {v2("/docker/"+own, v2Folder+"/memory.stat", v2Stat+strings.Repeat("x 1\n", 1<<20)), refused},
		"huge usage":            {v2("/docker/"+own, v2Folder+"/memory.current", "2000"+strings.Repeat("\n", 1<<20)), refused},
		"huge process":          {v2("/docker/"+own, "proc/7/cgroup", "0::/docker/"+own+"\n"+strings.Repeat("\n", 1<<20)), refused},
	} {
		t.Run(name, func(t *testing.T) {
			host := os.DirFS(hostFiles(t, c.files))
			group, err := findCgroup(host, own, 7)
			var got int64
			if err == nil {
				got, err = group.memory(host)
			}
			if c.want == refused && err == nil || c.want != refused && (got != c.want || err != nil) {
				t.Errorf("%d, %v, want %d", got, err, c.want)
			}
		})
	}
}
