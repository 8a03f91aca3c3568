package engine

import (
	"context"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/docker/compose/v5/pkg/api"
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

// TestLeaseOfAnotherMachine has no lock here: it stands until it expires.
func TestLeaseOfAnotherMachine(t *testing.T) {
	e, dir := local(t), t.TempDir()
	lease, err := e.NewLease(t.Context(), t.TempDir(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	defer lease.Release(context.WithoutCancel(t.Context()))
	for _, step := range []struct {
		after time.Duration
		gone  bool
	}{{30 * time.Minute, false}, {61 * time.Minute, true}} {
		removed, err := e.SweepDead(t.Context(), dir, time.Now().Add(step.after))
		if err != nil || contains(removed, lease.Project) != step.gone || exists(t, e, lease.Project+leaseSuffix) == step.gone {
			t.Errorf("after %s: removed %v, %v", step.after, removed, err)
		}
	}
}

// TestForgedLease has volumes that a template or a stranger could make: none of
// them gets a project removed.
func TestForgedLease(t *testing.T) {
	e := local(t)
	const victim = "ogpu-smoke-00000000000000000000000000000001"
	old := strconv.FormatInt(time.Now().Add(-time.Hour).Unix(), 10)
	forged := []client.VolumeCreateOptions{
		{Name: victim + leaseSuffix, Labels: map[string]string{leaseLabel: "lease", expiresLabel: old, api.ProjectLabel: "mine"}},
		{Name: "ogpu-smoke-victim" + leaseSuffix, Labels: map[string]string{leaseLabel: "lease", expiresLabel: old}},
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
