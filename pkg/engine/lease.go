package engine

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"github.com/docker/compose/v5/pkg/api"
	"github.com/gofrs/flock"
	"github.com/moby/moby/api/types/volume"
	"github.com/moby/moby/client"
)

// A lease says that everything of one compose project on an engine belongs to
// one run of this program. It has two halves. On the engine it is an empty
// volume beside the project, which names the run's process and the time after
// which nobody needs the project. On this machine it is a locked file: the system
// unlocks it when the program ends, in whichever way, also where processes cannot
// be told apart. So a run that was killed is recognised at once by the next run
// here, and from elsewhere when its time is over.
type Lease struct {
	// Project is the name of the compose project, never used before.
	Project string

	engine *Engine
	lock   *flock.Flock
}

const (
	leaseLabel   = "network.opengpu.smoke"
	expiresLabel = "network.opengpu.smoke.expires"
	leaseSuffix  = "-lease"
)

var projectName = regexp.MustCompile(`^ogpu-smoke-[0-9a-f]{32}$`)

// NewLease takes a new project. What runs under it must end within life. The
// folder dir holds the locks; all runs of a user share one.
func (e *Engine) NewLease(ctx context.Context, dir string, life time.Duration) (*Lease, error) {
	random := make([]byte, 16)
	_, _ = rand.Read(random)
	l := &Lease{Project: "ogpu-smoke-" + hex.EncodeToString(random), engine: e}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("the folder for locks cannot be made: %w", err)
	}
	// The lock comes first: a lease on the engine without one looks dead.
	l.lock = flock.New(lockFile(dir, l.Project))
	if locked, err := l.lock.TryLock(); err != nil || !locked {
		return nil, fmt.Errorf("the lock of the run cannot be taken: %w", errors.Join(err, os.ErrExist))
	}
	holder := thisProcess()
	_, err := e.API.VolumeCreate(ctx, client.VolumeCreateOptions{
		Name: l.Project + leaseSuffix,
		Labels: map[string]string{
			leaseLabel:   "lease",
			expiresLabel: strconv.FormatInt(time.Now().Add(life).Add(e.ahead).Unix(), 10),
			hostLabel:    holder.host,
			processLabel: holder.process,
		},
	})
	if err != nil {
		return nil, errors.Join(err, l.unlock())
	}
	return l, nil
}

// Labels are what containers of the run that compose does not start must
// carry, to be found with the others.
func (l *Lease) Labels() map[string]string {
	return map[string]string{api.ProjectLabel: l.Project, leaseLabel: "helper"}
}

// IsHelper is true for the labels of such a container. A service that claims
// to be one is missed by whoever looks for the services.
func IsHelper(labels map[string]string) bool {
	return labels[leaseLabel] == "helper" && labels[api.ServiceLabel] == ""
}

// Release removes all of the project and gives the lease back. When something
// cannot be removed the lease stays on the engine, so that a later run tries
// again.
func (l *Lease) Release(ctx context.Context) error {
	if err := l.engine.Sweep(ctx, l.Project); err != nil {
		// The lock ends with the program; until then nobody else tries.
		return err
	}
	return l.GiveUp(ctx)
}

// ReleaseLater is Release after requests have been cut short: the engine may
// still carry out one that it had taken.
func (l *Lease) ReleaseLater(ctx context.Context) error {
	if err := l.engine.Sweep(ctx, l.Project); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Second):
		return l.Release(ctx)
	}
}

// Abandon removes what is there now, and leaves the lease for the next run,
// which takes it for dead and removes what has been made since.
func (l *Lease) Abandon(ctx context.Context) error {
	return errors.Join(l.engine.Sweep(ctx, l.Project), l.lock.Unlock())
}

// GiveUp gives the lease back and leaves the project as it is.
func (l *Lease) GiveUp(ctx context.Context) error {
	_, err := l.engine.API.VolumeRemove(ctx, l.Project+leaseSuffix, client.VolumeRemoveOptions{})
	return errors.Join(err, l.unlock())
}

func (l *Lease) unlock() error {
	// Removed first: who gets the lock of a file that is gone finds no lease.
	return errors.Join(os.Remove(l.lock.Path()), l.lock.Unlock())
}

// SweepDead removes what runs left behind that ended without doing so. It
// returns the names of the projects that it removed.
func (e *Engine) SweepDead(ctx context.Context, dir string, now time.Time) (removed []string, err error) {
	list, err := e.API.VolumeList(ctx, client.VolumeListOptions{Filters: make(client.Filters).Add("label", leaseLabel+"=lease")})
	if err != nil {
		return nil, err
	}
	for _, v := range list.Items {
		project, expires, ok := readLease(v)
		if !ok {
			continue
		}
		lives, ended := owner{v.Labels[hostLabel], v.Labels[processLabel]}.judge()
		if lives {
			continue
		}
		swept, sweepErr := e.sweepDead(ctx, dir, project, ended || now.Add(e.ahead).After(expires))
		if swept {
			removed = append(removed, project)
		}
		err = errors.Join(err, sweepErr)
	}
	return removed, err
}

// readLease reads a lease as strictly as possible: whoever can name a volume
// must not be able to have another's project removed. A volume of a compose
// stack, whose labels a template chooses, is none.
func readLease(v volume.Volume) (project string, expires time.Time, ok bool) {
	if _, composed := v.Labels[api.ProjectLabel]; composed || len(v.Name) <= len(leaseSuffix) {
		return "", time.Time{}, false
	}
	project = v.Name[:len(v.Name)-len(leaseSuffix)]
	if project+leaseSuffix != v.Name || !projectName.MatchString(project) {
		return "", time.Time{}, false
	}
	seconds, err := strconv.ParseInt(v.Labels[expiresLabel], 10, 64)
	return project, time.Unix(seconds, 0), err == nil
}

// sweepDead removes a project that is over, or whose lock is here and free.
func (e *Engine) sweepDead(ctx context.Context, dir, project string, over bool) (swept bool, err error) {
	file := lockFile(dir, project)
	if _, err := os.Stat(file); err == nil {
		lock := flock.New(file)
		locked, err := lock.TryLock()
		if err != nil || !locked {
			return false, nil // alive
		}
		defer lock.Unlock()
	} else if !over {
		return false, nil // another machine's
	}
	if err := e.Sweep(ctx, project); err != nil {
		return false, err // the lock's file stays, so that the next run tries again
	}
	if _, err = e.API.VolumeRemove(ctx, project+leaseSuffix, client.VolumeRemoveOptions{}); err == nil {
		_ = os.Remove(file)
	}
	return true, err
}

func lockFile(dir, project string) string { return filepath.Join(dir, project+".lock") }
