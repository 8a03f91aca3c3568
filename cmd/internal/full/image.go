package full

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/moby/moby/client"
	"github.com/opengpu-network/templates/cmd/internal/app"
	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/engine"
	"github.com/opengpu-network/templates/pkg/pin"
	"github.com/opengpu-network/templates/pkg/registry"
	"github.com/opengpu-network/templates/pkg/smoke"
	"github.com/urfave/cli/v2"
)

func imageCommand(world app.World) *cli.Command {
	return &cli.Command{
		Name:      "image",
		ArgsUsage: "NAME",
		Description: "The folder service is built on the Docker engine, pushed as `service.image` of the\n" +
			"manifest says, looked up at the registry, and written into the compose files.\n\n" +
			"Example:\n" +
			"  ogpu-tpl image document-ocr",
		Flags: []cli.Flag{
			app.TemplatesFlag(),
			&cli.StringFlag{Name: "repository", Usage: "push to `REPOSITORY`, such as localhost:5000/app, in place of that of service.image"},
			&cli.StringFlag{Name: "tag", Usage: "push as `TAG` in place of that of service.image"},
			platformFlag(),
			&cli.DurationFlag{Name: "timeout", Value: registry.DefaultTimeout, Usage: "how long the registry may take to show the pushed image"},
			&cli.StringSliceFlag{Name: "build-arg", Usage: "set `NAME=VALUE` for the build"},
			&cli.StringFlag{Name: "build-network", Usage: "the `NETWORK` of the build, such as host"},
			&cli.BoolFlag{Name: "verbose", Aliases: []string{"v"}, Usage: "show what the build and the push say"},
		},
		Action: func(c *cli.Context) error { return runImage(c, world) },
	}
}

func runImage(c *cli.Context, world app.World) error {
	platform, err := registry.ParsePlatform(c.String("platform"))
	if err != nil {
		return app.Usagef("--platform: %w", err)
	}
	if c.Duration("timeout") <= 0 {
		return app.Usagef("--timeout must be positive")
	}
	arguments, err := app.BuildArgs(c)
	if err != nil {
		return err
	}
	build := smoke.Build{Args: arguments, Network: c.String("build-network")}
	t, err := app.OpenTemplate(c)
	if err != nil {
		return err
	}
	defer t.Close()
	target, err := pushTarget(c, t)
	if err != nil {
		return err
	}
	e, err := connect(c.Context)
	if err != nil {
		return err
	}
	defer e.Close()
	log := &lastLines{}
	var out io.Writer = log
	if c.Bool("verbose") {
		out = io.MultiWriter(log, world.Err)
	}
	digest, err := buildAndPush(c.Context, e, t, build, target, platform, out)
	if err != nil {
		if c.Context.Err() != nil {
			return errors.New("interrupted")
		}
		if said := log.String(); said != "" && !c.Bool("verbose") {
			printf(world.Err, "%s\n", app.Safe(said))
		}
		return err
	}
	if err := verifyPushed(c.Context, registryClient(c.Duration("timeout")), target, digest, platform); err != nil {
		return interrupted(err)
	}
	printf(world.Out, "pushed %s\n", target.WithDigest(digest))
	changed, err := pin.Record(c.Context, t, digest)
	if err != nil {
		return fmt.Errorf("the image is pushed, and its digest is not recorded: %w", interrupted(err))
	}
	if len(changed) == 0 {
		printf(world.Out, "the digest is recorded already\n")
	} else {
		printf(world.Out, "wrote %s\n", strings.Join(changed, ", "))
	}
	if own, err := registry.Parse(t.Manifest.Service.Image); err == nil && own.WithDigest("").String() != target.String() {
		printf(world.Err, "ogpu-tpl: pushed to %s: providers need the same image at %s\n", target, own.WithDigest(""))
	}
	return nil
}

// pushTarget is the reference that the image is pushed as.
func pushTarget(c *cli.Context, t *catalog.Template) (registry.Reference, error) {
	if t.Manifest.Service == nil {
		return registry.Reference{}, app.Usagef("%s has no service of its own: nothing is to be built", t.Name)
	}
	own, err := registry.Parse(t.Manifest.Service.Image)
	if err != nil {
		return registry.Reference{}, fmt.Errorf("service.image %w", err)
	}
	text := cmp.Or(c.String("repository"), own.Name) + ":" + cmp.Or(c.String("tag"), own.Tag)
	target, err := registry.Parse(text)
	if err != nil || target.Digest != "" || target.String() != text {
		return registry.Reference{}, app.Usagef("--repository and --tag: %q is no image with a tag", text)
	}
	return target, nil
}

// buildAndPush returns the digest that the engine says it has pushed.
func buildAndPush(ctx context.Context, e *engine.Engine, t *catalog.Template, build smoke.Build, target registry.Reference, platform registry.Platform, log io.Writer) (string, error) {
	name, err := smoke.BuildService(ctx, t, build, log)
	if err != nil {
		return "", fmt.Errorf("the service's image cannot be built: %w", err)
	}
	info, err := e.API.ImageInspect(ctx, name)
	if err != nil {
		return "", err
	}
	if built := (registry.Platform{OS: info.Os, Architecture: info.Architecture, Variant: info.Variant}); !platform.Fits(built) {
		return "", fmt.Errorf("the engine builds for %s, not for %s: use an engine of that platform", built, platform)
	}
	if _, err := e.API.ImageTag(ctx, client.ImageTagOptions{Source: info.ID, Target: target.String()}); err != nil {
		return "", err
	}
	return e.Push(ctx, target.String(), log)
}

// verifyPushed makes sure that the registry has what the engine says it has
// pushed: under the tag, for the platform.
func verifyPushed(ctx context.Context, asked *registry.Client, target registry.Reference, digest string, platform registry.Platform) error {
	m, err := asked.Fetch(ctx, target)
	if err != nil {
		return err
	}
	if m.Digest != digest {
		return fmt.Errorf("the engine has pushed %s, and the registry has %s as %s: somebody else has pushed that tag; nothing is recorded", digest, m.Digest, target)
	}
	return asked.Supports(ctx, m, platform)
}

// lastLines keeps the end of what is written to it, to show it when something
// fails.
type lastLines struct{ text []byte }

const maxLastLines = 8 << 10

func (l *lastLines) Write(p []byte) (int, error) {
	l.text = append(l.text, p...)
	l.text = l.text[max(0, len(l.text)-maxLastLines):]
	return len(p), nil
}

func (l *lastLines) String() string {
	return strings.TrimSpace(strings.ToValidUTF8(string(l.text), "\uFFFD"))
}
