package hardware

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// Request is what a container asks of the engine to get a GPU.
type Request struct {
	// Devices are asked of a driver: NVIDIA's, or CDI's.
	Devices []container.DeviceRequest
	// Nodes are device nodes of the host: AMD's.
	Nodes []container.DeviceMapping
}

// DefaultRequest is the usual request for all GPUs of an environment. Prefer
// the request that the stack itself makes.
func DefaultRequest(environment string) Request {
	switch environment {
	case NVIDIA:
		return Request{Devices: []container.DeviceRequest{{Driver: "nvidia", Count: -1, Capabilities: [][]string{{"gpu"}}}}}
	case AMD:
		return Request{Nodes: []container.DeviceMapping{
			{PathOnHost: "/dev/kfd", PathInContainer: "/dev/kfd", CgroupPermissions: "rwm"},
			{PathOnHost: "/dev/dri", PathInContainer: "/dev/dri", CgroupPermissions: "rwm"},
		}}
	default:
		return Request{}
	}
}

// Offer is whether the engine hands out a GPU. It says nothing about whether the
// GPU exists.
type Offer struct {
	// Known is false when nobody has asked the engine.
	Known bool
	// Accepted is true when a container with the request starts.
	Accepted bool
	// How names what hands it out, or the engine's reason for not doing so.
	How string
}

// Limits on what an engine is waited for and listened to.
const (
	askLimit     = time.Minute
	cleanLimit   = 30 * time.Second
	maxImportLog = 64 << 10
)

// Ask finds out whether the engine hands out what is requested. An engine's
// description of itself does not tell: 20.10 does not mention the hook that serves
// GPU requests, none mentions device nodes, and a runtime or CDI device that is
// listed need not be the one that the request leads to. Engines look for the driver and the device nodes when a container starts, not when it is
// created. So a container is started whose program does not exist, from an image
// without files: nothing runs, and the engine's error tells how far it came.
// The labels are put on the image and the container; both are removed.
// An error means that the engine could not be asked.
func Ask(ctx context.Context, api client.APIClient, request Request, labels map[string]string) (Offer, error) {
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	image, err := emptyImage(ctx, api, labels)
	if err != nil {
		return Offer{}, err
	}
	defer removing(ctx, func(ctx context.Context) {
		_, _ = api.ImageRemove(ctx, image, client.ImageRemoveOptions{Force: true})
	})
	program := "/no-such-program-" + rand.Text()
	id, err := create(ctx, api, Probe{Image: image, Request: request, Labels: labels}, program, nil)
	if err != nil {
		return Offer{}, err
	}
	defer remove(ctx, api, id)
	_, err = api.ContainerStart(ctx, id, client.ContainerStartOptions{})
	return offerOf(err, program, request)
}

// offerOf reads the engine's answer to the start of a program that does not exist.
func offerOf(err error, program string, request Request) (Offer, error) {
	if err == nil {
		return Offer{}, errors.New("the engine started a program that does not exist: it cannot be asked about GPUs")
	}
	text := err.Error()
	// A runtime looks for the program after all devices are in place.
	if strings.Contains(text, program) {
		return Offer{Known: true, Accepted: true, How: "it accepts the request"}, nil
	}
	refusals := []string{
		"could not select device driver", // No driver of that name, or no hook.
		"gathering device information",   // No such device node.
		"CDI",                            // No such CDI device, or CDI is off.
		"nvidia-",                        // The toolkit found no GPU or no driver.
		"hook",                           // A hook failed.
	}
	for _, node := range request.Nodes {
		refusals = append(refusals, node.PathOnHost)
	}
	for _, refusal := range refusals {
		if strings.Contains(text, refusal) {
			return Offer{Known: true, How: cleanTo(text, maxMessage)}, nil
		}
	}
	return Offer{}, fmt.Errorf("the engine cannot be asked about GPUs: %s", cleanTo(text, maxMessage))
}

var imageID = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

// emptyImage makes an image without files and without a name.
func emptyImage(ctx context.Context, api client.APIClient, labels map[string]string) (string, error) {
	var changes []string
	for key, value := range labels {
		changes = append(changes, fmt.Sprintf("LABEL %s=%s", quoted(key), quoted(value)))
	}
	// Two images that are made at once are never the same one.
	changes = append(changes, "LABEL ogpu-tpl.once="+rand.Text())
	id, err := load(ctx, api, emptyArchive(), changes)
	if err != nil {
		return "", fmt.Errorf("the engine takes no image to ask about GPUs with: %w", err)
	}
	return id, nil
}

// emptyArchive is the end of a tar archive, two blocks of zeros.
func emptyArchive() *bytes.Buffer { return bytes.NewBuffer(make([]byte, 2*512)) }

// load makes an image without a name of an archive, and returns its id.
func load(ctx context.Context, api client.APIClient, archive io.Reader, changes []string) (string, error) {
	result, err := api.ImageImport(ctx, client.ImageImportSource{Source: archive, SourceName: "-"}, "", client.ImageImportOptions{Changes: changes})
	if err != nil {
		return "", err
	}
	defer result.Close()
	decoder := json.NewDecoder(io.LimitReader(result, maxImportLog))
	for {
		var message struct {
			Status string `json:"status"`
			Error  string `json:"error"`
		}
		if err := decoder.Decode(&message); err != nil {
			return "", fmt.Errorf("the engine does not say which image it made: %w", err)
		}
		if message.Error != "" {
			return "", errors.New(cleanTo(message.Error, maxMessage))
		}
		if imageID.MatchString(message.Status) {
			return message.Status, nil
		}
	}
}

// quoted writes a word as Dockerfiles have it.
func quoted(word string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, `$`, `\$`, "\n", " ").Replace(word) + `"`
}

// removing runs a clean-up that a cancelled run does not cut short.
func removing(ctx context.Context, do func(context.Context)) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanLimit)
	defer cancel()
	do(ctx)
}
