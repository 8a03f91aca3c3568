// Package source looks at a source on a chain as a provider should before it
// registers: it fetches what the source names, says what of it can change
// afterwards, and lints each compose file as a custom source. All that it reads
// may be a stranger's.
package source

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/chain"
	"github.com/opengpu-network/templates/pkg/document"
	"github.com/opengpu-network/templates/pkg/fetch"
	"github.com/opengpu-network/templates/pkg/finding"
	"github.com/opengpu-network/templates/pkg/lint"
	"github.com/opengpu-network/templates/pkg/release"
	"github.com/opengpu-network/templates/pkg/strictjson"
	"golang.org/x/sync/errgroup"
)

// Inspector looks at sources. It fetches each link once, and may be used by
// several goroutines.
type Inspector struct {
	Fetcher *fetch.Fetcher
	// Linter has the policies. Its Environment, when set, is the only one whose
	// compose file is looked at; otherwise each is.
	Linter lint.Linter
	// Known tells whether a client is the one that publishers.yaml names.
	Known func(chain.Source) bool

	mu      sync.Mutex
	fetched map[string]func() (fetch.Response, error)
}

// Inspection is what was found of one source.
type Inspection struct {
	chain.Source
	// Metadata is nil when it cannot be read.
	Metadata *release.Metadata
	// Link is that of the metadata, and Files are the compose files.
	Link  Link
	Files []File
	// Known is true when publishers.yaml names the client.
	Known bool
	// About are the findings about the source and its links, the gravest first.
	About []finding.Finding
	// Linted are those about what the compose files say, sorted; their File is the
	// file's link. Both have the source's address as their Template.
	Linted []finding.Finding
}

// Link is something that a source names, and what came from there.
type Link struct {
	// URL is as it was written.
	URL string
	// Data is nil when it could not be fetched; Err says why.
	Data []byte
	Err  error
	// Judgement says whether the content can change. It is of no meaning with Err.
	Judgement
}

// File is one compose file of a source.
type File struct {
	Environment catalog.Environment
	Link
	// Loose are the images that are named by tag alone, sorted.
	Loose []string
}

// atOnce is how many sources are looked at at the same time.
const atOnce = 4

// Inspect looks at sources. What is wrong with one is a finding; an error says that
// one could not be looked at, and keeps none of the others back.
func (i *Inspector) Inspect(ctx context.Context, sources []chain.Source) ([]*Inspection, []error) {
	all := make([]*Inspection, len(sources))
	errs := make([]error, len(sources))
	var group errgroup.Group
	group.SetLimit(atOnce)
	for n, source := range sources {
		group.Go(func() error {
			all[n], errs[n] = i.inspect(ctx, source)
			return nil
		})
	}
	_ = group.Wait()
	all = slices.DeleteFunc(all, func(n *Inspection) bool { return n == nil })
	return all, slices.DeleteFunc(errs, func(err error) bool { return err == nil })
}

func (i *Inspector) inspect(ctx context.Context, source chain.Source) (*Inspection, error) {
	n := &Inspection{Source: source, Known: i.Known != nil && i.Known(source)}
	var stamp error
	n.Link = i.link(ctx, source.Params.ImageMetadataUrl, release.MaxMetadataBytes)
	if n.Link.Err == nil {
		n.Metadata, stamp, n.Link.Err = parse(n.Link.Data)
	}
	if n.Metadata != nil {
		for environment, link := range n.Metadata.Compose() {
			if link != "" && i.wants(environment) {
				n.Files = append(n.Files, File{Environment: environment, Link: i.link(ctx, link, document.MaxBytes)})
			}
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx) // or else it would be a finding of each link
	}
	for at := range n.Files {
		if err := i.lint(ctx, n, &n.Files[at]); err != nil {
			return nil, fmt.Errorf("%s: %w", source.Address, err)
		}
	}
	finding.Sort(n.Linted)
	n.About = i.about(n, stamp)
	return n, nil
}

func (i *Inspector) wants(e catalog.Environment) bool {
	return i.Linter.Environment == 0 || i.Linter.Environment == e
}

// parse reads metadata. A stamp that contradicts itself keeps nobody from running
// the six keys, so it keeps them from being read neither.
func parse(data []byte) (m *release.Metadata, stamp, err error) {
	if m, stamp = release.ParseMetadata(data); stamp == nil {
		return m, nil, nil
	}
	var keys map[string]json.RawMessage
	if err := strictjson.Unmarshal(data, &keys); err != nil || keys["template"] == nil {
		return nil, nil, stamp
	}
	delete(keys, "template")
	rest, err := json.Marshal(keys)
	if err != nil {
		return nil, nil, err
	}
	if m, err = release.ParseMetadata(rest); err != nil {
		return nil, nil, err
	}
	return m, stamp, nil
}

// link fetches what a link leads to, of so many bytes at most, and judges it.
func (i *Inspector) link(ctx context.Context, link string, limit int64) Link {
	l := Link{URL: link}
	got, err := i.fetch(ctx, link, limit)
	if err != nil {
		l.Err = err
		return l
	}
	u, err := i.Fetcher.CheckURL(link)
	if err != nil {
		l.Err = err
		return l
	}
	if l.Data = got.Body; l.Data == nil {
		l.Data = []byte{}
	}
	l.Judgement = Judge(u, got.URL, got.Body)
	return l
}

// fetch fetches a link once, so that all see the same bytes.
func (i *Inspector) fetch(ctx context.Context, link string, limit int64) (fetch.Response, error) {
	key := fmt.Sprint(limit, " ", link)
	i.mu.Lock()
	get := i.fetched[key]
	if get == nil {
		if i.fetched == nil {
			i.fetched = map[string]func() (fetch.Response, error){}
		}
		get = sync.OnceValues(func() (fetch.Response, error) { return i.Fetcher.Get(ctx, link, limit) })
		i.fetched[key] = get
	}
	i.mu.Unlock()
	return get()
}

// named is how findings name the file behind a link. Only a link that can be
// fetched from is one: any other text could pass for a file of this machine.
func (i *Inspector) named(n *Inspection, l Link) string {
	if _, err := i.Fetcher.CheckURL(l.URL); err != nil {
		return n.Address.Hex()
	}
	return l.URL
}

// reason is why a link could not be fetched, without the link, which stands
// elsewhere.
func reason(err error) string {
	var problem *fetch.Error
	if errors.As(err, &problem) && problem.From == "" {
		return problem.Err.Error()
	}
	return err.Error()
}
