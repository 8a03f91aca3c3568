package full

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/opengpu-network/templates/cmd/internal/app"
	"github.com/opengpu-network/templates/pkg/chain/networks"
	"github.com/opengpu-network/templates/pkg/fetch"
	"github.com/opengpu-network/templates/pkg/host"
	"github.com/opengpu-network/templates/pkg/release"
	"golang.org/x/sync/errgroup"
)

// hostFlagUsage says how --host is written.
const hostFlagUsage = "serve the files from `HOST` and prove it: pinning, ipfs=API,GATEWAY, git=https://…/{commit}/…{path} or folder=DIR,URL"

// hostTimeout is how long a file may take to appear at its address unless
// --host-timeout says otherwise.
const hostTimeout = 3 * time.Minute

// openHost reads --host. Plain HTTP on loopback is for the devnet only.
func openHost(text, commit string, fetcher *fetch.Fetcher) (host.Linker, error) {
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

// Hosted is where a release's files are.
type Hosted struct {
	// Links are the files' addresses, by their paths.
	Links map[string]string `json:"links"`
	// Metadata is what a source's imageMetadataUrl leads to. MetadataSHA256 is that
	// of its bytes, in hex, which are in metadata.NETWORK.json: here it may be indented in
	// another way.
	Metadata       json.RawMessage `json:"metadata,omitempty"`
	MetadataSHA256 string          `json:"metadataSha256,omitempty"`
	// MetadataURL is empty while the metadata is not served.
	MetadataURL string `json:"metadataUrl"`

	// metadata are the bytes.
	metadata []byte
}

// hosting is where a release shall be served from.
type hosting struct {
	// Host is the text of --host.
	Host string
	// Timeout is that of --host-timeout.
	Timeout time.Duration
	// Output is the folder that the release is written to. It may hold what
	// earlier runs have found out.
	Output string
}

// serve puts a release where it shall be served from. Whatever else is wrong has
// been said before: what is uploaded stays. What was done before something failed
// is returned beside the error, to be kept for the next run; it is nil when
// nothing was begun.
func serve(ctx context.Context, s hosting, f *Frozen) (*Hosted, error) {
	if s.Timeout <= 0 {
		return nil, app.Usagef("--host-timeout must be positive")
	}
	fetcher := &fetch.Fetcher{AllowLoopback: f.Network == networks.Devnet, Timeout: min(s.Timeout, fetch.DefaultTimeout)}
	where, err := openHost(s.Host, f.About.Origin.Commit, fetcher)
	if err != nil {
		return nil, app.Usagef("--host: %w", err)
	}
	if closer, ok := where.(io.Closer); ok {
		defer closer.Close()
	}
	uploader := &host.Uploader{Host: where, Fetcher: fetcher, Patience: host.Patience{Visible: s.Timeout}, Known: knownLinks(s.Output, f.Files)}
	return f.put(ctx, uploader)
}

// MetadataFile is the name of the metadata: one for each network, as ProvenanceFile.
func MetadataFile(network string) string { return "metadata." + network + ".json" }

// put uploads all files of a release, and its metadata last: whoever finds that
// finds the rest. What was done before something failed is returned beside the
// error.
func (f *Frozen) put(ctx context.Context, uploader *host.Uploader) (*Hosted, error) {
	name := MetadataFile(f.Network)
	git, onGit := uploader.Host.(*host.Git)
	var committed []byte
	if onGit {
		committed = committedMetadata(ctx, uploader, git, name)
	}
	h := &Hosted{}
	var err error
	if h.Links, err = PutFiles(ctx, uploader, f.Files); err != nil {
		return h, err
	}
	metadata, err := release.MetadataOf(f.Template, f.Release, h.Links, f.About)
	if err != nil {
		return h, err
	}
	if onGit && sameButOrigin(committed, metadata) {
		metadata = committed
	}
	h.Metadata, h.metadata = metadata, metadata
	if onGit && !bytes.Equal(committed, metadata) {
		// It names links at a commit, and so can only be in a later one.
		return h, fmt.Errorf("the metadata is not at %s yet: commit and push the %s that ogpu-tpl freeze writes beside the release, then run this again",
			git.Link(host.File{Name: name}), name)
	}
	link, err := uploader.Put(ctx, name, metadata)
	if err != nil {
		return h, err
	}
	h.MetadataURL, h.MetadataSHA256 = link.URL, link.SHA256
	return h, nil
}

// committedMetadata is the metadata that a Git host has at the commit, which an
// earlier run has made; nil when there is none. The links in it become known: they
// are proven before they are used, as all such are.
func committedMetadata(ctx context.Context, uploader *host.Uploader, git *host.Git, name string) []byte {
	fetcher := uploader.Fetcher
	if fetcher == nil {
		fetcher = &fetch.Fetcher{}
	}
	answer, err := fetcher.Get(ctx, git.Link(host.File{Name: name}), release.MaxMetadataBytes)
	if err != nil {
		return nil
	}
	metadata, err := release.ParseMetadata(answer.Body)
	if err != nil || metadata.Template == nil {
		return nil
	}
	known := map[string][]string{}
	for sum, links := range uploader.Known {
		known[sum] = slices.Clone(links)
	}
	for _, f := range metadata.Template.Files {
		known[f.SHA256] = append(known[f.SHA256], f.URL)
	}
	uploader.Known = known
	return answer.Body
}

// sameButOrigin is true for metadata that says the same, but for where the release
// was built from: a commit cannot hold its own name.
func sameButOrigin(a, b []byte) bool {
	var values [2]map[string]any
	for i, text := range [][]byte{a, b} {
		if json.Unmarshal(text, &values[i]) != nil {
			return false
		}
		if stamp, ok := values[i]["template"].(map[string]any); ok {
			delete(stamp, "origin")
		}
	}
	return reflect.DeepEqual(values[0], values[1])
}

// uploads is how many files are uploaded at once.
const uploads = 4

// PutFiles returns the links of files by their paths, of those that could be
// served. The error is that of the first file, in their order, that could not:
// files are begun in order, none is begun after one has failed, and those that
// were begun are finished.
func PutFiles(ctx context.Context, uploader *host.Uploader, files []release.File) (map[string]string, error) {
	var group errgroup.Group
	group.SetLimit(uploads)
	var failed atomic.Bool
	found, problems := make([]string, len(files)), make([]error, len(files))
	for i, f := range files {
		if failed.Load() {
			break
		}
		group.Go(func() error {
			link, err := uploader.Put(ctx, f.Path, f.Data)
			if err == nil && (link.CID != f.CID || link.SHA256 != f.SHA256) {
				err = fmt.Errorf("internal error: %s is %s in the release and %s where it is served: please report this", f.Path, f.CID, link.CID)
			}
			if err != nil {
				problems[i] = err
				failed.Store(true)
				return nil
			}
			found[i] = link.URL
			return nil
		})
	}
	_ = group.Wait() // the errors are in problems, in the order of the files
	links := map[string]string{}
	for i, f := range files {
		if found[i] != "" {
			links[f.Path] = found[i]
		}
	}
	at := slices.IndexFunc(problems, func(err error) bool { return err != nil })
	if at < 0 {
		return links, nil
	}
	return links, problems[at]
}

// maxProvenance is the size of the largest file about an earlier run that is
// read, in bytes.
const maxProvenance = 4 << 20

// knownLinks are the links of earlier runs, by the files' sha256, as far as the
// release's folder holds any. They are proven before they are used, and those of
// other hosts are passed over, as is whatever cannot be read.
func knownLinks(dir string, files []release.File) map[string][]string {
	known := map[string][]string{}
	add := func(sum, link string) {
		if sum != "" && link != "" && !slices.Contains(known[sum], link) {
			known[sum] = append(known[sum], link)
		}
	}
	for _, network := range networks.Names() {
		earlier := hostedBefore(dir, network)
		if earlier == nil {
			continue
		}
		for _, f := range files {
			add(f.SHA256, earlier.Links[f.Path])
		}
		add(earlier.MetadataSHA256, earlier.MetadataURL)
	}
	return known
}

// hostedBefore is what an earlier run has noted in the release's folder; nil when
// there is nothing that can be read.
func hostedBefore(dir, network string) *Hosted {
	data, err := app.ReadLimited(filepath.Join(dir, ProvenanceFile(network)), maxProvenance)
	var earlier struct{ Hosted *Hosted }
	if err != nil || len(data) > maxProvenance || json.Unmarshal(data, &earlier) != nil {
		return nil
	}
	return earlier.Hosted
}
