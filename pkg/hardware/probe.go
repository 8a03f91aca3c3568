package hardware

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// Probe is a container that reads the memory of NVIDIA GPUs with nvidia-smi,
// which the NVIDIA toolkit puts into every container that gets a GPU. It needs
// an image with glibc, which any image with CUDA has: take the GPU service's own.
// The image may be hostile, so nothing that the program prints is believed
// without a look at what the kernel says: see Contradicts.
type Probe struct {
	// Image that is on the engine: its id.
	Image string
	// Request is the one that the stack makes.
	Request Request
	// Labels of the container.
	Labels map[string]string
}

// smi is where the toolkit puts nvidia-smi. The path is absolute so that no
// folder of the image comes first.
const smi = "/usr/bin/nvidia-smi"

// ErrUntold is in the chain of errors that say that the memory of a GPU cannot be
// told here, through no fault of the template: the image cannot run nvidia-smi,
// or the driver does not know.
var ErrUntold = errors.New("the memory of the GPU cannot be told")

const (
	readLimit = time.Minute
	// The most that nvidia-smi prints in one round, with room to spare, in bytes.
	maxRound = 64 << 10
	maxLine  = 1 << 10
	// What nvidia-smi may take of the host: bytes and processes.
	smiMemory    = 512 << 20
	smiProcesses = 64
)

// create makes a container that can do as little as possible.
func create(ctx context.Context, api client.APIClient, p Probe, program string, arguments []string) (string, error) {
	pids := int64(smiProcesses)
	created, err := api.ContainerCreate(ctx, client.ContainerCreateOptions{
		Config: &container.Config{
			Image:      p.Image,
			User:       "65534:65534",
			Entrypoint: []string{program},
			Cmd:        arguments,
			// A relative or a missing working directory of the image does not matter.
			WorkingDir:   "/",
			Env:          []string{"NVIDIA_DRIVER_CAPABILITIES=compute,utility", "LD_PRELOAD="},
			Healthcheck:  &container.HealthConfig{Test: []string{"NONE"}},
			Labels:       p.Labels,
			AttachStdout: true,
			AttachStderr: true,
		},
		HostConfig: &container.HostConfig{
			NetworkMode:    "none",
			ReadonlyRootfs: true,
			CapDrop:        []string{"ALL"},
			SecurityOpt:    []string{"no-new-privileges"},
			// Output is read from the container's streams. A log would fill the host's disk.
			LogConfig: container.LogConfig{Type: "none"},
			Resources: container.Resources{
				Memory:         smiMemory,
				MemorySwap:     smiMemory,
				PidsLimit:      &pids,
				DeviceRequests: p.Request.Devices,
				Devices:        p.Request.Nodes,
			},
		},
	})
	if err != nil {
		return "", fmt.Errorf("the engine makes no container to look at the GPU: %w", err)
	}
	return created.ID, nil
}

// remove removes a container with the volumes that its image asked for.
func remove(ctx context.Context, api client.APIClient, id string) {
	removing(ctx, func(ctx context.Context) {
		_, _ = api.ContainerRemove(ctx, id, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
	})
}

// run runs nvidia-smi with the arguments in a new container and gives its output
// to the two writers as it comes. It returns the exit status when the program
// has ended, and the first error of a writer at once.
func (p Probe) run(ctx context.Context, api client.APIClient, stdout, stderr io.Writer, arguments ...string) (int64, error) {
	id, err := create(ctx, api, p, smi, arguments)
	if err != nil {
		return 0, err
	}
	defer remove(ctx, api, id)
	attached, err := api.ContainerAttach(ctx, id, client.ContainerAttachOptions{Stream: true, Stdout: true, Stderr: true})
	if err != nil {
		return 0, fmt.Errorf("the output of nvidia-smi cannot be read: %w", err)
	}
	defer attached.Close()
	defer context.AfterFunc(ctx, attached.Close)()
	if _, err := api.ContainerStart(ctx, id, client.ContainerStartOptions{}); err != nil {
		if missingProgram(err.Error()) {
			return 0, fmt.Errorf("%w: the container has no %s; the NVIDIA Container Toolkit puts it there when the driver's utilities are on the engine's host", ErrUntold, smi)
		}
		return 0, fmt.Errorf("the container that looks at the GPU does not start: %s", cleanTo(err.Error(), maxMessage))
	}
	if err := split(attached.Reader, stdout, stderr); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return 0, err
	}
	wait := api.ContainerWait(ctx, id, client.ContainerWaitOptions{Condition: container.WaitConditionNotRunning})
	select {
	case ended := <-wait.Result:
		return ended.StatusCode, nil
	case err := <-wait.Error:
		return 0, fmt.Errorf("the end of nvidia-smi cannot be awaited: %w", err)
	case <-ctx.Done():
		// Not the context's error: a watch that was stopped must not hide that it
		// saw nothing any more.
		return 0, errors.New("nvidia-smi closed its output and went on")
	}
}

// split copies the streams of a container to where they belong, piece by piece:
// a frame's length, which the engine states, reserves no memory.
func split(r io.Reader, stdout, stderr io.Writer) error {
	var header [8]byte
	for {
		if _, err := io.ReadFull(r, header[:]); err == io.EOF {
			return nil
		} else if err != nil {
			return fmt.Errorf("the output of nvidia-smi cannot be read: %w", err)
		}
		w := stdout
		switch header[0] {
		case 1:
		case 2:
			w = stderr
		default:
			return errors.New("the engine sent the output of nvidia-smi in a form that is none")
		}
		if _, err := io.CopyN(w, r, int64(binary.BigEndian.Uint32(header[4:]))); err != nil {
			return err
		}
	}
}

// bounded keeps up to max bytes and fails beyond.
type bounded struct {
	data []byte
	max  int
}

var errTooMuch = fmt.Errorf("%w: it is more than there can be to say", ErrLie)

func (b *bounded) Write(p []byte) (int, error) {
	if len(b.data)+len(p) > b.max {
		return 0, errTooMuch
	}
	b.data = append(b.data, p...)
	return len(p), nil
}
