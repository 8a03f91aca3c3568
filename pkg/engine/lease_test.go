package engine

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/docker/compose/v5/pkg/api"
	"github.com/gofrs/flock"
	"github.com/moby/moby/client"
	"github.com/opengpu-network/templates/pkg/enginetest"
)

// local is this machine's engine.
func local(t *testing.T) *Engine {
	t.Helper()
	enginetest.Local(t)
	enginetest.Exclusive(t)
	e, err := Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

func exists(t *testing.T, e *Engine, volume string) bool {
	t.Helper()
	_, err := e.API.VolumeInspect(t.Context(), volume, client.VolumeInspectOptions{})
	return err == nil
}

func TestLease(t *testing.T) {
	e, dir := local(t), t.TempDir()
	lease, err := e.NewLease(t.Context(), dir, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.API.VolumeCreate(t.Context(), client.VolumeCreateOptions{Name: lease.Project + "_data", Labels: map[string]string{api.ProjectLabel: lease.Project}}); err != nil {
		t.Fatal(err)
	}
	// A lease that is held is nobody else's to sweep, however old it is.
	removed, err := e.SweepDead(t.Context(), dir, time.Now().Add(48*time.Hour))
	if err != nil || contains(removed, lease.Project) || !exists(t, e, lease.Project+"_data") {
		t.Errorf("removed %v: %v", removed, err)
	}
	if err := lease.Release(t.Context()); err != nil {
		t.Error(err)
	}
	if exists(t, e, lease.Project+"_data") || exists(t, e, lease.Project+leaseSuffix) {
		t.Error("something is left")
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("%v %v", entries, err)
	}
}

// TestLeaseOfOthers has leases without a lock here: of other users and other
// machines. Only what has certainly ended, or is over, is removed.
func TestLeaseOfOthers(t *testing.T) {
	e, me := local(t), thisProcess()
	if me.host == "" {
		t.Fatal("this process cannot be told apart from others")
	}
	lives, zombie, ended := start(t, "sleep", "3600"), start(t, "true"), start(t, "true")
	if err := ended.Wait(); err != nil {
		t.Fatal(err)
	}
	begun, _, err := started(lives.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	for dead := false; !dead; time.Sleep(time.Millisecond) {
		if _, dead, err = started(zombie.Process.Pid); err != nil {
			t.Fatal(err)
		}
	}
	of := func(c *exec.Cmd, start string) string { return strconv.Itoa(c.Process.Pid) + " " + start }
	const before, after = false, true // the time of the run is over
	for _, c := range []struct {
		name  string
		owner owner
		over  bool
		gone  bool
	}{
		{"it lives", owner{me.host, of(lives, begun)}, before, false},
		{"it lives longer than it said", owner{me.host, of(lives, begun)}, after, false},
		{"it has ended", owner{me.host, of(ended, begun)}, before, true},
		{"it has ended and nobody asked for it", owner{me.host, of(zombie, begun)}, before, true},
		{"another has its number", owner{me.host, of(lives, "1"+begun)}, before, true},
		{"another machine, before", owner{"x" + me.host, of(ended, begun)}, before, false},
		{"another machine, after", owner{"x" + me.host, of(lives, begun)}, after, true},
		{"nobody knows, before", owner{}, before, false},
		{"nobody knows, after", owner{}, after, true},
		{"no process", owner{me.host, ""}, before, false},
		{"all processes", owner{me.host, "-1 1"}, before, false},
		{"the group of processes", owner{me.host, "0 1"}, before, false},
		{"no start", owner{me.host, strconv.Itoa(ended.Process.Pid)}, before, false},
		{"no number", owner{me.host, "9999999999999999999999 1"}, before, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			lease := volumeOf(t, e, project(), c.owner, c.over)
			removed, err := e.SweepDead(t.Context(), t.TempDir(), time.Now())
			if err != nil || (len(removed) > 0) != c.gone || exists(t, e, lease) == c.gone {
				t.Errorf("removed %v: %v", removed, err)
			}
		})
	}
}

// TestLeaseIsLocked has a run of this user that lives, on what looks like another
// machine, and one that does not.
func TestLeaseIsLocked(t *testing.T) {
	e, dir := local(t), t.TempDir()
	for _, locked := range []bool{true, false} {
		project := project()
		lock := flock.New(lockFile(dir, project))
		if err := lock.Lock(); err != nil {
			t.Fatal(err)
		}
		if !locked {
			_ = lock.Unlock()
		}
		lease := volumeOf(t, e, project, owner{}, locked)
		removed, err := e.SweepDead(t.Context(), dir, time.Now())
		if err != nil || exists(t, e, lease) != locked {
			t.Errorf("locked %t: removed %v: %v", locked, removed, err)
		}
		_ = lock.Unlock()
	}
}

// start starts a program.
func start(t *testing.T, program string, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.Command(program, args...)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	return c
}

// project is a name for a project.
func project() string { return "ogpu-smoke-" + fmt.Sprintf("%032x", rand.Uint64()) }

// volumeOf makes the volume of a lease and returns its name.
func volumeOf(t *testing.T, e *Engine, project string, o owner, over bool) string {
	t.Helper()
	expires := time.Now().Add(time.Hour)
	if over {
		expires = time.Now().Add(-time.Hour)
	}
	lease := project + leaseSuffix
	_, err := e.API.VolumeCreate(t.Context(), client.VolumeCreateOptions{Name: lease, Labels: map[string]string{
		leaseLabel: "lease", expiresLabel: strconv.FormatInt(expires.Unix(), 10), hostLabel: o.host, processLabel: o.process,
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = e.API.VolumeRemove(context.WithoutCancel(t.Context()), lease, client.VolumeRemoveOptions{})
	})
	return lease
}

// TestForgedLease has volumes that a template or a stranger could make: none of
// them gets a project removed.
func TestForgedLease(t *testing.T) {
	e := local(t)
	const victim = "ogpu-smoke-00000000000000000000000000000001"
	old := strconv.FormatInt(time.Now().Add(-time.Hour).Unix(), 10)
	living, err := e.NewLease(t.Context(), t.TempDir(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	defer living.Release(context.WithoutCancel(t.Context()))
	// A process that has ended, as far as anybody can say.
	host, ended := thisProcess().host, "4194304 1"
	forged := []client.VolumeCreateOptions{
		{Name: living.Project + leaseSuffix, Labels: map[string]string{leaseLabel: "lease", expiresLabel: old, hostLabel: host, processLabel: ended}},
		{Name: victim + leaseSuffix, Labels: map[string]string{leaseLabel: "lease", expiresLabel: old, hostLabel: host, processLabel: ended, api.ProjectLabel: "mine"}},
		{Name: "ogpu-smoke-victim" + leaseSuffix, Labels: map[string]string{leaseLabel: "lease", expiresLabel: old, hostLabel: host, processLabel: ended}},
		{Name: victim + "x" + leaseSuffix, Labels: map[string]string{leaseLabel: "lease", expiresLabel: old}},
		{Name: strings.Replace(victim, "1", "2", 1) + leaseSuffix, Labels: map[string]string{leaseLabel: "lease", expiresLabel: "soon"}},
	}
	for _, options := range forged {
		if _, err := e.API.VolumeCreate(t.Context(), options); err != nil {
			t.Fatal(err)
		}
		defer e.API.VolumeRemove(context.WithoutCancel(t.Context()), options.Name, client.VolumeRemoveOptions{})
	}
	removed, err := e.SweepDead(t.Context(), t.TempDir(), time.Now())
	if err != nil || len(removed) > 0 {
		t.Errorf("removed %v: %v", removed, err)
	}
	for _, options := range forged {
		if !exists(t, e, options.Name) {
			t.Errorf("%s is gone", options.Name)
		}
	}
}

func TestSweepRefusesOtherProjects(t *testing.T) {
	for _, project := range []string{"", "x", "ogpu-smoke-1", "my-app"} {
		if err := new(Engine).Sweep(t.Context(), project); err == nil {
			t.Errorf("%q would be removed", project)
		}
	}
}

func contains(list []string, wanted string) bool {
	for _, item := range list {
		if item == wanted {
			return true
		}
	}
	return false
}
