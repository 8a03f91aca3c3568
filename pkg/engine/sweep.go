package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/compose/v5/pkg/api"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
	"golang.org/x/sync/errgroup"
)

// Sweep removes all containers, networks, volumes and probes' images of a run's
// project, and makes sure that they are gone. It touches nothing else: what it removes
// carries the project's label, and the project's name has the form that only
// this program gives.
func (e *Engine) Sweep(ctx context.Context, project string) error {
	return e.sweep(ctx, project, false)
}

// SweepStack is Sweep, but spares the containers beside the stack.
func (e *Engine) SweepStack(ctx context.Context, project string) error {
	return e.sweep(ctx, project, true)
}

func (e *Engine) sweep(ctx context.Context, project string, spare bool) error {
	if !projectName.MatchString(project) {
		return fmt.Errorf("%q is no project of a smoke run", project)
	}
	// What is being created, or removed by somebody else, takes another round.
	const rounds = 20
	var err error
	for round := range rounds {
		var found int
		if found, err = e.sweepOnce(ctx, project, spare); err == nil && found == 0 {
			return nil
		}
		if round > 0 {
			select {
			case <-ctx.Done():
				return errors.Join(err, ctx.Err())
			case <-time.After(time.Duration(round) * 50 * time.Millisecond):
			}
		}
	}
	return fmt.Errorf("something of %s cannot be removed: %w", project, errors.Join(err, errors.New("it comes back")))
}

// sweepOnce removes what is there, and says how much that was.
func (e *Engine) sweepOnce(ctx context.Context, project string, spare bool) (found int, err error) {
	filters := make(client.Filters).Add("label", api.ProjectLabel+"="+project)
	containers, err := e.API.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: filters})
	if err != nil {
		return 0, err
	}
	if spare {
		containers.Items = slices.DeleteFunc(containers.Items, func(c container.Summary) bool { return IsHelper(c.Labels) })
	}
	var group errgroup.Group
	group.SetLimit(8)
	for _, c := range containers.Items {
		group.Go(func() error {
			_, err := e.API.ContainerRemove(ctx, c.ID, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
			return gone(err)
		})
	}
	if err := group.Wait(); err != nil {
		return 0, err
	}
	networks, err := e.API.NetworkList(ctx, client.NetworkListOptions{Filters: filters})
	if err != nil {
		return 0, err
	}
	volumes, err := e.volumes(ctx, project, filters)
	if err != nil {
		return 0, err
	}
	var rest errgroup.Group
	rest.SetLimit(8)
	for _, n := range networks.Items {
		rest.Go(func() error {
			_, err := e.API.NetworkRemove(ctx, n.ID, client.NetworkRemoveOptions{})
			return gone(err)
		})
	}
	for _, name := range volumes {
		rest.Go(func() error {
			_, err := e.API.VolumeRemove(ctx, name, client.VolumeRemoveOptions{Force: true})
			return gone(err)
		})
	}
	if spare {
		return len(containers.Items) + len(networks.Items) + len(volumes), rest.Wait()
	}
	images, err := e.API.ImageList(ctx, client.ImageListOptions{Filters: filters})
	if err != nil {
		return 0, err
	}
	for _, i := range images.Items {
		rest.Go(func() error {
			_, err := e.API.ImageRemove(ctx, i.ID, client.ImageRemoveOptions{Force: true})
			return gone(err)
		})
	}
	return len(containers.Items) + len(networks.Items) + len(volumes) + len(images.Items), rest.Wait()
}

// volumes lists the project's volumes: those with its label, and those with a
// name that Compose gives in it. One that is removed while its stack is being
// started is made again by the engine, without a label.
func (e *Engine) volumes(ctx context.Context, project string, filters client.Filters) (names []string, err error) {
	for _, filter := range []client.Filters{filters, make(client.Filters).Add("name", "^"+project+"_")} {
		list, err := e.API.VolumeList(ctx, client.VolumeListOptions{Filters: filter})
		if err != nil {
			return nil, err
		}
		for _, v := range list.Items {
			if v.Labels[api.ProjectLabel] == project || strings.HasPrefix(v.Name, project+"_") {
				names = append(names, v.Name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// gone takes what somebody else has removed, or is removing, for removed: the
// next round looks again.
func gone(err error) error {
	if errdefs.IsNotFound(err) || errdefs.IsConflict(err) {
		return nil
	}
	return err
}
