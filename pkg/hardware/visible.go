package hardware

import (
	"context"
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/moby/moby/client"
)

// Visibility is whether a container sees a GPU.
type Visibility string

// The outcomes of a look into a container.
const (
	Visible    Visibility = "visible"
	NotVisible Visibility = "not visible"
	// Untold means that the container has nothing to look with.
	Untold Visibility = "cannot be told"
)

// Sight is what a container sees.
type Sight struct {
	Visibility Visibility
	// UUIDs of the NVIDIA GPUs that it sees.
	UUIDs []string
	// Reason is a part of a sentence, such as "nvidia-smi lists 1 GPU".
	Reason string
}

var smiList = regexp.MustCompile(`^GPU \d{1,3}: .{1,200} \(UUID: (GPU-[0-9a-f-]{36})\)$`)

// SeesNVIDIA runs `nvidia-smi -L` in a running container of the stack. An error
// means that the engine failed.
func SeesNVIDIA(ctx context.Context, api client.APIClient, id string) (Sight, error) {
	ctx, cancel := context.WithTimeout(ctx, readLimit)
	defer cancel()
	created, err := api.ExecCreate(ctx, id, client.ExecCreateOptions{Cmd: []string{smi, "-L"}, AttachStdout: true, AttachStderr: true})
	if err != nil {
		return Sight{}, fmt.Errorf("the container cannot be looked into: %w", err)
	}
	attached, err := api.ExecAttach(ctx, created.ID, client.ExecAttachOptions{})
	if err != nil {
		if missingProgram(err.Error()) {
			return noProgram(), nil
		}
		return Sight{}, fmt.Errorf("the container cannot be looked into: %w", err)
	}
	defer attached.Close()
	defer context.AfterFunc(ctx, attached.Close)()
	stdout, stderr := &bounded{max: maxRound}, &bounded{max: maxRound}
	if err := split(attached.Reader, stdout, stderr); err != nil {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return Sight{Visibility: Untold, Reason: fmt.Sprintf("nvidia-smi did not end within %s", readLimit)}, nil
		}
		if ctx.Err() != nil {
			return Sight{}, ctx.Err()
		}
		return Sight{Visibility: Untold, Reason: cleanTo(err.Error(), maxMessage)}, nil
	}
	ended, err := api.ExecInspect(ctx, created.ID, client.ExecInspectOptions{})
	if err != nil {
		return Sight{}, fmt.Errorf("the container cannot be looked into: %w", err)
	}
	return sightOf(ended.ExitCode, string(stdout.data), string(stderr.data)), nil
}

// sightOf judges the end of `nvidia-smi -L`. Its statuses are in the section
// RETURN VALUE of its manual.
func sightOf(status int, stdout, stderr string) Sight {
	said := cleanTo(stdout+" "+stderr, maxMessage)
	switch status {
	case 0:
	case 126, 127: // The runtime's: no such program, or it cannot be loaded.
		if missingProgram(said) || said == "" {
			return noProgram()
		}
		return Sight{Visibility: Untold, Reason: "nvidia-smi does not start: " + said}
	case 6, 9, 12: // No GPU, no driver, no library of the driver.
		return Sight{Visibility: NotVisible, Reason: "nvidia-smi says: " + said}
	default:
		// What it says when the device nodes or the driver are out of reach.
		if strings.Contains(said, "Failed to initialize NVML") {
			return Sight{Visibility: NotVisible, Reason: "nvidia-smi says: " + said}
		}
		return Sight{Visibility: Untold, Reason: fmt.Sprintf("nvidia-smi ended with status %d: %s", status, said)}
	}
	sight := Sight{Visibility: Visible}
	for line := range strings.Lines(stdout) {
		line = strings.TrimSpace(line)
		// A MIG instance stands below its GPU.
		if line == "" || strings.HasPrefix(line, "MIG ") {
			continue
		}
		m := smiList.FindStringSubmatch(line)
		if m == nil || !gpuUUID.MatchString(m[1]) || len(sight.UUIDs) == maxGPUs {
			if strings.HasPrefix(line, "No devices") {
				return Sight{Visibility: NotVisible, Reason: "nvidia-smi says: " + said}
			}
			return Sight{Visibility: Untold, Reason: "nvidia-smi printed what it never prints: " + clean(line)}
		}
		sight.UUIDs = append(sight.UUIDs, m[1])
	}
	if len(sight.UUIDs) == 0 {
		return Sight{Visibility: NotVisible, Reason: "nvidia-smi lists no GPU"}
	}
	sight.Reason = fmt.Sprintf("nvidia-smi lists %d GPU(s)", len(sight.UUIDs))
	return sight
}

func noProgram() Sight {
	return Sight{Visibility: Untold, Reason: "the container has no " + smi}
}

// Within holds what a container sees against the host's kernel: a GPU that the
// kernel does not know is none.
func (s Sight) Within(facts Facts) Sight {
	for _, uuid := range s.UUIDs {
		if !knows(facts.NVIDIA.GPUs, uuid) {
			return Sight{Visibility: NotVisible, Reason: "nvidia-smi lists the GPU " + uuid + ", which the host's kernel does not know"}
		}
	}
	return s
}

// SeesAMD looks at the device nodes that the engine gave to a container. An error
// means that the engine failed.
func SeesAMD(ctx context.Context, api client.APIClient, id string) (Sight, error) {
	inspected, err := api.ContainerInspect(ctx, id, client.ContainerInspectOptions{})
	if err != nil {
		return Sight{}, fmt.Errorf("the container cannot be looked at: %w", err)
	}
	if inspected.Container.HostConfig == nil {
		return Sight{}, errors.New("the engine does not say which devices the container has")
	}
	var compute, render bool
	for _, device := range inspected.Container.HostConfig.Devices {
		// A node is what it is on the host, and of use only in its usual place.
		host, inside := path.Clean(device.PathOnHost), path.Clean(device.PathInContainer)
		if host != inside || !strings.Contains(or(device.CgroupPermissions, "rwm"), "rw") {
			continue
		}
		compute = compute || host == "/dev/kfd"
		render = render || host == "/dev/dri" || strings.HasPrefix(host, "/dev/dri/renderD")
	}
	switch {
	case compute && render:
		return Sight{Visibility: Visible, Reason: "it has /dev/kfd and /dev/dri"}, nil
	case compute:
		return Sight{Visibility: NotVisible, Reason: "it has /dev/kfd and no /dev/dri/renderD*"}, nil
	case render:
		return Sight{Visibility: NotVisible, Reason: "it has /dev/dri and no /dev/kfd"}, nil
	default:
		return Sight{Visibility: NotVisible, Reason: "it has neither /dev/kfd nor /dev/dri"}, nil
	}
}
