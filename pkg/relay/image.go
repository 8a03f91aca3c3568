package relay

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/jsonstream"
	"github.com/moby/moby/client"
)

const (
	// Repository is the name of the images, without the tag.
	Repository = "ogpu-tpl-relay"
	// binaryPath is where the program lies in the image.
	binaryPath = "/ogpu-tpl-relay"
	// maxAnswerBytes is how much is read of the engine's answer to a load.
	maxAnswerBytes = 1 << 20
)

// ensureImage returns the name of an image of the program at path. The name
// says what is in it, so that one that exists is used; otherwise it is loaded.
func ensureImage(ctx context.Context, engine client.APIClient, path string) (name string, loaded bool, err error) {
	version, err := engine.ServerVersion(ctx, client.ServerVersionOptions{})
	if err != nil {
		return "", false, err
	}
	if version.Os != "linux" {
		return "", false, fmt.Errorf("the engine runs on %q: templates need one on Linux", printable(version.Os))
	}
	p, err := openBinary(path, printable(version.Arch))
	if err != nil {
		return "", false, err
	}
	defer p.file.Close()
	digest, err := p.digest()
	if err != nil {
		return "", false, err
	}
	name = Repository + ":" + digest[:32]
	if _, err := engine.ImageInspect(ctx, name); err == nil || !errdefs.IsNotFound(err) {
		return name, false, err
	}
	return name, true, load(ctx, engine, p, name)
}

// imageName is the form of the names that ensureImage gives.
var imageName = regexp.MustCompile("^" + Repository + ":[0-9a-f]{32}$")

// removeOthers removes the images of other builds. The engine refuses to remove
// one that a container uses. What cannot be removed is in nobody's way.
func removeOthers(ctx context.Context, engine client.APIClient, ours string) {
	list, err := engine.ImageList(ctx, client.ImageListOptions{Filters: make(client.Filters).Add("reference", Repository)})
	if err != nil {
		return
	}
	for _, image := range list.Items {
		if len(image.RepoTags) != 1 || image.RepoTags[0] == ours || !imageName.MatchString(image.RepoTags[0]) {
			continue
		}
		info, err := engine.ImageInspect(ctx, image.ID)
		if err != nil || info.Config == nil || info.Config.User != user || !slices.Equal(info.Config.Entrypoint, []string{binaryPath}) {
			continue // somebody else has chosen that name
		}
		_, _ = engine.ImageRemove(ctx, image.RepoTags[0], client.ImageRemoveOptions{})
	}
}

// load sends the image. Its id depends on the program alone: when two runs load
// it at once, the engine ends up with one.
func load(ctx context.Context, engine client.APIClient, p *program, name string) error {
	archive, writer := io.Pipe()
	go func() { writer.CloseWithError(writeImage(writer, p, name)) }()
	defer archive.Close()
	result, err := engine.ImageLoad(ctx, archive, client.ImageLoadWithQuiet(true))
	if err != nil {
		return err
	}
	defer result.Close()
	decoder := json.NewDecoder(io.LimitReader(result, maxAnswerBytes))
	for {
		var message jsonstream.Message
		switch err := decoder.Decode(&message); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("the engine's answer to loading %s: %w", name, err)
		case message.Error != nil:
			return fmt.Errorf("loading %s: %s", name, printable(message.Error.Message))
		}
	}
}

// writeImage writes an archive in the form of `docker save`: one layer with one
// file. The layer goes out as it is made; nothing of the program's size is held.
func writeImage(w io.Writer, p *program, name string) error {
	size := &counter{}
	hash := sha256.New()
	if err := writeLayer(io.MultiWriter(size, hash), p); err != nil {
		return err
	}
	config, err := json.Marshal(map[string]any{
		"architecture": p.arch,
		"os":           "linux",
		"config":       map[string]any{"Entrypoint": []string{binaryPath}, "User": user},
		"rootfs": map[string]any{
			"type":     "layers",
			"diff_ids": []string{"sha256:" + hex.EncodeToString(hash.Sum(nil))},
		},
	})
	if err != nil {
		return err
	}
	manifest, err := json.Marshal([]map[string]any{{
		"Config": "config.json", "RepoTags": []string{name}, "Layers": []string{"layer.tar"},
	}})
	if err != nil {
		return err
	}
	archive := tar.NewWriter(w)
	for _, file := range []struct {
		name string
		data []byte
	}{{"manifest.json", manifest}, {"config.json", config}} {
		header := &tar.Header{Name: file.name, Mode: 0o644, Size: int64(len(file.data))}
		if err := archive.WriteHeader(header); err != nil {
			return err
		}
		if _, err := archive.Write(file.data); err != nil {
			return err
		}
	}
	if err := archive.WriteHeader(&tar.Header{Name: "layer.tar", Mode: 0o644, Size: size.bytes}); err != nil {
		return err
	}
	if err := writeLayer(archive, p); err != nil {
		return err
	}
	return archive.Close()
}

// writeLayer writes the image's file system: the program, for root to change
// and everyone to run.
func writeLayer(w io.Writer, p *program) error {
	layer := tar.NewWriter(w)
	if err := layer.WriteHeader(&tar.Header{Name: binaryPath[1:], Mode: 0o755, Size: p.size}); err != nil {
		return err
	}
	if _, err := io.Copy(layer, p.reader()); err != nil {
		return err
	}
	return layer.Close()
}

// counter counts what is written to it.
type counter struct{ bytes int64 }

func (c *counter) Write(data []byte) (int, error) {
	c.bytes += int64(len(data))
	return len(data), nil
}
