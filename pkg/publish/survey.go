package publish

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/Masterminds/semver/v3"
	"github.com/ethereum/go-ethereum/common"
	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/chain"
	"github.com/opengpu-network/templates/pkg/fetch"
	"github.com/opengpu-network/templates/pkg/ipfs"
	"github.com/opengpu-network/templates/pkg/release"
	"golang.org/x/sync/errgroup"
)

// Published is a source of the catalog's, and which release it is.
type Published struct {
	chain.Source
	Metadata *release.Metadata
	// Version is the one of the metadata's stamp.
	Version *semver.Version
}

// Stamp says which release the source is.
func (p *Published) Stamp() *release.Stamp { return p.Metadata.Template }

// Surveyor finds out which releases are on a network. It remembers metadata by
// its link, and may be used by several goroutines.
type Surveyor struct {
	Client  *chain.Client
	Fetcher *fetch.Fetcher

	mu   sync.Mutex
	read map[string]*fetchedMetadata
}

// fetchedMetadata is metadata, and the CIDs of its bytes.
type fetchedMetadata struct {
	*release.Metadata
	ipfs.IDs
}

// MetadataError is metadata of a source that cannot be read.
type MetadataError struct {
	Source common.Address
	Err    error
}

func (e *MetadataError) Error() string {
	return fmt.Sprintf("the metadata of the source %s cannot be read: %v", e.Source, e.Err)
}
func (e *MetadataError) Unwrap() error { return e.Err }

// maxFetches is how many files are fetched at once.
const maxFetches = 8

// Survey lists the sources at the block that the client published from a
// catalog, sorted by template and version. Metadata that cannot be read is an
// error: what it says may be that a template is published already.
func (s *Surveyor) Survey(ctx context.Context, client common.Address, at chain.Block) ([]Published, error) {
	sources, err := s.Client.SourcesOf(ctx, client, at)
	if err != nil {
		return nil, err
	}
	metadata := make([]*release.Metadata, len(sources))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(maxFetches)
	for i, source := range sources {
		group.Go(func() (err error) {
			metadata[i], err = s.Metadata(ctx, source)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var all []Published
	for i, source := range sources {
		if metadata[i].Template == nil {
			continue // published by hand
		}
		version, err := catalog.ParseVersion(metadata[i].Template.Version)
		if err != nil {
			return nil, &MetadataError{source.Address, err}
		}
		all = append(all, Published{source, metadata[i], version})
	}
	slices.SortStableFunc(all, func(a, b Published) int {
		return cmp.Or(cmp.Compare(a.Stamp().Name, b.Stamp().Name), a.Version.Compare(b.Version))
	})
	return all, nil
}

// Metadata fetches a source's metadata. Bytes that are not those of a CID in the
// link are refused: whoever serves them could make a published template look like
// none. The error is a *MetadataError.
func (s *Surveyor) Metadata(ctx context.Context, source chain.Source) (*release.Metadata, error) {
	m, err := s.metadata(ctx, source)
	if err != nil {
		return nil, err
	}
	link := source.Params.ImageMetadataUrl
	if linked := linkCID(link); linked.Defined() && !m.Have(linked) {
		return nil, &MetadataError{source.Address, fmt.Errorf("%s: the gateway gives something else, with the CID %s", link, m.Added)}
	}
	return m.Metadata, nil
}

// metadata fetches a source's metadata, whatever the CID in its link.
func (s *Surveyor) metadata(ctx context.Context, source chain.Source) (*fetchedMetadata, error) {
	link := source.Params.ImageMetadataUrl
	s.mu.Lock()
	known := s.read[link]
	s.mu.Unlock()
	if known != nil {
		return known, nil
	}
	got, err := s.Fetcher.Get(ctx, link, release.MaxMetadataBytes)
	if err != nil {
		return nil, &MetadataError{source.Address, err}
	}
	m, err := release.ParseMetadata(got.Body)
	if err != nil {
		return nil, &MetadataError{source.Address, fmt.Errorf("%s: %w", link, err)}
	}
	cids, err := ipfs.IDsOf(got.Body)
	if err != nil {
		return nil, &MetadataError{source.Address, err}
	}
	known = &fetchedMetadata{m, cids}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.read == nil {
		s.read = map[string]*fetchedMetadata{}
	}
	s.read[link] = known
	return known, nil
}
