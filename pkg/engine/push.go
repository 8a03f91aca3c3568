package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/distribution/reference"
	"github.com/moby/moby/api/types/auxprogress"
	"github.com/moby/moby/client"
)

// Push pushes the image that the engine has under name, a repository with a tag. It
// returns the digest of what the registry was given, as the engine says: a manifest, or
// an index of some. What the engine says on the way goes to log. The caller asks the
// registry: another may have pushed the same tag.
func (e *Engine) Push(ctx context.Context, name string, log io.Writer) (digest string, err error) {
	named, err := reference.ParseNormalizedNamed(name)
	if err != nil {
		return "", err
	}
	tagged, ok := named.(reference.NamedTagged)
	if !ok {
		return "", fmt.Errorf("%s has no tag", name)
	}
	credentials, err := e.Credentials(ctx, name)
	if err != nil {
		return "", fmt.Errorf("the credentials for %s cannot be read: %w", reference.Domain(named), err)
	}
	// containerd's store, which new engines have, keeps images as registries do, and
	// pushes them as they are. It says which one that is before, and not afterwards.
	info, err := e.API.ImageInspect(ctx, name)
	if err != nil {
		return "", err
	}
	if info.Descriptor != nil {
		digest = info.Descriptor.Digest.String()
	}
	response, err := e.API.ImagePush(ctx, name, client.ImagePushOptions{RegistryAuth: credentials})
	if err != nil {
		return "", fmt.Errorf("%s cannot be pushed: %w", name, err)
	}
	defer response.Close()
	for message, err := range response.JSONMessages(ctx) {
		if err == nil && message.Error != nil {
			err = message.Error
		}
		if err != nil {
			return "", fmt.Errorf("%s cannot be pushed: %w: check `docker login`", name, err)
		}
		if message.Status != "" && message.Progress == nil {
			fmt.Fprintln(log, strings.TrimSpace(message.ID+" "+message.Status))
		}
		if message.Aux != nil {
			if said := pushed(*message.Aux, tagged.Tag()); said != "" {
				digest = said
			}
		}
	}
	if digest == "" {
		return "", fmt.Errorf("the engine does not say what it has pushed as %s", name)
	}
	return digest, nil
}

// pushed is the digest of which an engine says that it has pushed it as the tag, if this
// note is about that. Engines with a store of their own make the manifest while they
// push. containerd's store sends a note when it has only one image of an index, and
// pushes that.
func pushed(note json.RawMessage, tag string) string {
	var said struct {
		Tag, Digest string
		auxprogress.ManifestPushedInsteadOfIndex
	}
	switch {
	case json.Unmarshal(note, &said) != nil:
		return ""
	case said.ManifestPushedInsteadOfIndex.ManifestPushedInsteadOfIndex:
		return said.SelectedManifest.Digest.String()
	case said.Tag == tag:
		return said.Digest
	default:
		return ""
	}
}
