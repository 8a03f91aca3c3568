package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/fetch"
	"github.com/opengpu-network/templates/pkg/host"
	"github.com/opengpu-network/templates/pkg/release"
)

// hostFlagUsage says how --host is written.
const hostFlagUsage = "serve the files from `HOST` and prove it: pinning, ipfs=API,GATEWAY, git=https://…/{commit}/…{path} or folder=DIR,URL"

// openHost reads --host. Plain HTTP on loopback is for the devnet only.
func openHost(text, commit string, fetcher *fetch.Fetcher) (host.Host, error) {
	kind, value, _ := strings.Cut(text, "=")
	first, second, both := strings.Cut(value, ",")
	switch {
	case kind == "pinning" && value == "":
		return host.NewPinning(host.OpenGPUPinning, host.OpenGPUGateway, fetcher)
	case kind == "pinning" && both:
		return host.NewPinning(first, second, fetcher)
	case kind == "ipfs" && both:
		return host.NewIPFSNode(first, "", second, fetcher)
	case kind == "git" && value != "":
		return host.NewGit(value, commit, fetcher)
	case kind == "folder" && both:
		return host.OpenFolder(first, second)
	default:
		return nil, fmt.Errorf("%q is no host: write pinning, pinning=UPLOADS,GATEWAY, ipfs=API,GATEWAY, git=TEMPLATE or folder=DIR,URL", text)
	}
}

// hosted is where a release's files are.
type hosted struct {
	// Links are the files' addresses, by their paths.
	Links map[string]string `json:"links"`
	// Metadata is what a source's imageMetadataUrl leads to.
	Metadata    json.RawMessage `json:"metadata"`
	MetadataURL string          `json:"metadataUrl"`
}

// put uploads all files of a release, and its metadata last: whoever finds that
// finds the rest.
func put(ctx context.Context, uploader *host.Uploader, t *catalog.Template, r *release.Release) (*hosted, error) {
	h := &hosted{Links: map[string]string{}}
	for _, f := range r.Files {
		link, err := uploader.Put(ctx, f.Path, f.Data)
		if err != nil {
			return nil, err
		}
		h.Links[f.Path] = link.URL
	}
	metadata, err := release.MetadataOf(t, r, h.Links)
	if err != nil {
		return nil, err
	}
	link, err := uploader.Put(ctx, release.MetadataFile, metadata)
	if err != nil {
		return nil, err
	}
	h.Metadata, h.MetadataURL = metadata, link.URL
	return h, nil
}
