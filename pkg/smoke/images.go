package smoke

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/containerd/errdefs"
	dockerreference "github.com/distribution/reference"
	"github.com/moby/moby/api/types/image"
	"github.com/moby/moby/api/types/jsonstream"
	"github.com/moby/moby/client"
	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/record"
	"github.com/testcontainers/testcontainers-go"
)

// images makes sure that the engine has the image of every service, and notes
// which one it is. What runs later is that one, by its id.
func (r *run) images(ctx context.Context) error {
	r.imageIDs = map[string]string{}
	byReference := map[string]image.InspectResponse{}
	for _, service := range slices.Sorted(maps.Keys(r.references)) {
		reference := r.references[service]
		info, known := byReference[reference]
		if !known {
			var err error
			if r.isOurs(reference) {
				info, err = r.timed(&r.record.Times.Build, func() (image.InspectResponse, error) { return r.build(ctx) })
			} else {
				info, err = r.timed(&r.record.Times.Pull, func() (image.InspectResponse, error) { return r.pull(ctx, reference) })
			}
			if ctx.Err() != nil {
				return asFailure(ctx, context.Cause(ctx), "getting the image "+reference) // not about the service
			} else if err != nil {
				return asFailure(ctx, err, "getting the image "+reference).of(service)
			}
			byReference[reference] = info
		}
		r.imageIDs[service] = info.ID
		r.record.Images = append(r.record.Images, record.Image{
			Service: service, Reference: reference, ID: info.ID, Digest: registryDigest(info, reference), Size: info.Size, Built: r.isOurs(reference),
		})
	}
	return nil
}

// isOurs is true for the image that is built from the template's own service.
// Once it has been pushed and pinned, it is pulled like any other: what was
// checked is what runs.
func (r *run) isOurs(reference string) bool {
	return r.Template.Manifest.Service.Builds(reference) && !strings.Contains(reference, "@")
}

// registryDigest is the digest by which the reference's own registry knows the
// image: another one may know it by another.
func registryDigest(info image.InspectResponse, reference string) string {
	if _, digest, pinned := strings.Cut(reference, "@"); pinned {
		return digest
	}
	wanted, err := dockerreference.ParseNormalizedNamed(reference)
	if err != nil {
		return ""
	}
	for _, known := range info.RepoDigests {
		named, err := dockerreference.ParseNormalizedNamed(known)
		if digested, ok := named.(dockerreference.Digested); err == nil && ok && named.Name() == wanted.Name() {
			return digested.Digest().String()
		}
	}
	return ""
}

// pull returns the image, and pulls it if the engine does not have it. With a
// digest in its reference, what the engine has is what the registry has.
func (r *run) pull(ctx context.Context, reference string) (image.InspectResponse, error) {
	api := r.Engine.API
	info, err := api.ImageInspect(ctx, reference)
	if err == nil || !errdefs.IsNotFound(err) {
		return info.InspectResponse, err
	}
	r.say("pulling %s", reference)
	credentials, err := r.Engine.Credentials(ctx, reference)
	if err != nil && ctx.Err() == nil {
		return image.InspectResponse{}, fail(ImageUnpullable, "the credentials for %s cannot be read: %v", reference, err)
	}
	if err := context.Cause(ctx); err != nil {
		return image.InspectResponse{}, err
	}
	response, err := api.ImagePull(ctx, reference, client.ImagePullOptions{RegistryAuth: credentials})
	if err != nil {
		return image.InspectResponse{}, unpullable(ctx, reference, err)
	}
	layers := map[string]jsonstream.Progress{}
	for message, err := range response.JSONMessages(ctx) {
		if err == nil && message.Error != nil {
			err = message.Error
		}
		if err != nil {
			return image.InspectResponse{}, unpullable(ctx, reference, err)
		}
		if message.Progress != nil && message.Status == "Downloading" && len(layers) < 1000 {
			layers[message.ID] = *message.Progress
			var done, total int64
			for _, layer := range layers {
				done, total = done+layer.Current, total+layer.Total
			}
			r.progress(Event{Text: "pulling " + reference, Done: done, Total: total})
		}
	}
	if info, err = api.ImageInspect(ctx, reference); err != nil {
		return image.InspectResponse{}, unpullable(ctx, reference, err)
	}
	return info.InspectResponse, nil
}

func unpullable(ctx context.Context, reference string, err error) error {
	text := err.Error()
	switch {
	case ctx.Err() != nil || isLost(err) || strings.Contains(text, "no space left on device"):
		return err
	case strings.Contains(text, "manifest unknown") || strings.Contains(text, "not found") || strings.Contains(text, "no matching manifest"):
		return fail(ImageMissing, "the image %s does not exist: %s", reference, text)
	case strings.Contains(text, "denied") || strings.Contains(text, "unauthorized"):
		return fail(ImageMissing, "the image %s does not exist, or needs a login: %s", reference, text)
	default:
		return fail(ImageUnpullable, "the image %s cannot be pulled: %s", reference, text)
	}
}

// build builds the image of the template's own service on the engine.
func (r *run) build(ctx context.Context) (image.InspectResponse, error) {
	r.say("building %s", r.Template.Manifest.Service.Image)
	var log tail
	name, err := BuildService(ctx, r.Template, Build{Args: r.BuildArgs, Network: r.BuildNetwork}, &log)
	if err != nil {
		if ctx.Err() != nil || isLost(err) || strings.Contains(err.Error(), "no space left on device") {
			return image.InspectResponse{}, err
		}
		r.buildLog = log.lines(logLines)
		if text := err.Error(); strings.Contains(text, "/v2/") || strings.Contains(text, "pull access denied") || strings.Contains(text, "manifest for") {
			return image.InspectResponse{}, unpullable(ctx, "that the Dockerfile starts from", err)
		}
		return image.InspectResponse{}, fail(BuildFailed, "the service's image cannot be built: %v", err)
	}
	info, err := r.Engine.API.ImageInspect(ctx, name)
	return info.InspectResponse, err
}

// Build says how a template's own service is built.
type Build struct {
	// Args are the build's arguments.
	Args map[string]string
	// Network is that of the build's steps; empty is the engine's default.
	Network string
}

// BuildService builds the image of a template's own service, which it must
// have, on the engine that testcontainers uses: see
// engine.Engine.ForTestcontainers. It returns the image's name on the engine.
// What the build says goes to log.
func BuildService(ctx context.Context, t *catalog.Template, build Build, log io.Writer) (string, error) {
	provider, err := testcontainers.NewDockerProvider()
	if err != nil {
		return "", err
	}
	defer provider.Close()
	arguments := map[string]*string{}
	for name, value := range build.Args {
		arguments[name] = &value
	}
	name, tag := "ogpu-tpl-build/"+t.Name, strings.ReplaceAll(t.Manifest.Version, "+", "-")
	_, err = provider.BuildImage(ctx, &testcontainers.ContainerRequest{FromDockerfile: testcontainers.FromDockerfile{
		Context: filepath.Join(t.Dir, catalog.ServiceDir), Repo: name, Tag: tag, BuildArgs: arguments, BuildLogWriter: log, KeepImage: true,
		BuildOptionsModifier: func(o *client.ImageBuildOptions) { o.NetworkMode = build.Network },
	}})
	return name + ":" + tag, err
}

// tail keeps the end of what is written to it.
type tail struct{ buffer bytes.Buffer }

const maxTail = 64 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.buffer.Write(p)
	if over := t.buffer.Len() - maxTail; over > 0 {
		t.buffer.Next(over)
	}
	return len(p), nil
}

// lines returns the last lines, each cut to a length that a report can hold.
func (t *tail) lines(most int) []string {
	const maxLine = 500
	lines := strings.Split(strings.TrimRight(strings.ToValidUTF8(t.buffer.String(), "\uFFFD"), "\r\n"), "\n")
	lines = lines[max(0, len(lines)-most):]
	for i, line := range lines {
		if runes := []rune(line); len(runes) > maxLine {
			lines[i] = string(runes[:maxLine]) + "…"
		}
	}
	if len(lines) == 1 && lines[0] == "" {
		return nil
	}
	return lines
}

var errNoImage = errors.New("the service has no image")

// imageReferences lists the services of a canonical model with their images.
func imageReferences(canonical map[string]any) (map[string]string, error) {
	references := map[string]string{}
	services, _ := canonical["services"].(map[string]any)
	for name, service := range services {
		service, _ := service.(map[string]any)
		reference, _ := service["image"].(string)
		if reference == "" {
			return nil, fmt.Errorf("%s: %w", name, errNoImage)
		}
		references[name] = reference
	}
	return references, nil
}
