package publish

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ipfs/go-cid"
	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/chain"
	"github.com/opengpu-network/templates/pkg/document"
	"github.com/opengpu-network/templates/pkg/ipfs"
	"github.com/opengpu-network/templates/pkg/release"
	"golang.org/x/sync/errgroup"
)

// Outcome says how a comparison ended.
type Outcome string

// The outcomes.
const (
	Agrees  Outcome = "agrees"
	Differs Outcome = "differs"
	// Unknown is what could not be compared: it could not be fetched.
	Unknown Outcome = "unknown"
)

// Check is one comparison of what is with what should be.
type Check struct {
	// Field names what is compared, such as "minPayment" or "compose/cpu.yml".
	Field   string  `json:"field"`
	Outcome Outcome `json:"outcome"`
	// Want is what the catalog, or the release itself, says; Got is what is there.
	// Both may come from strangers.
	Want string `json:"want,omitempty"`
	Got  string `json:"got,omitempty"`
	// Problem says why nothing could be compared.
	Problem string `json:"problem,omitempty"`
}

// Verification is all comparisons of one source.
type Verification struct {
	Source string `json:"source"`
	// Template, Version and Digest are those that the metadata claims; empty
	// without a stamp.
	Template string `json:"template,omitempty"`
	Version  string `json:"version,omitempty"`
	Digest   string `json:"digest,omitempty"`
	// Catalog is the version in the catalog; empty when the catalog has none.
	Catalog string  `json:"catalog,omitempty"`
	Checks  []Check `json:"checks"`
}

// Outcome is the worst of all checks: one that differs outweighs one that is
// unknown.
func (v *Verification) Outcome() Outcome {
	worst := Agrees
	for _, c := range v.Checks {
		worst = worst.Or(c.Outcome)
	}
	return worst
}

// Or is the worse of two outcomes.
func (o Outcome) Or(other Outcome) Outcome {
	if other == Differs || other == Unknown && o == Agrees {
		return other
	}
	return o
}

func (v *Verification) compare(field string, want, got any) {
	c := Check{Field: field, Outcome: Agrees, Want: fmt.Sprint(want), Got: fmt.Sprint(got)}
	if c.Want != c.Got {
		c.Outcome = Differs
	}
	v.Checks = append(v.Checks, c)
}

func (v *Verification) unknown(field string, err error) {
	v.Checks = append(v.Checks, Check{Field: field, Outcome: Unknown, Problem: err.Error()})
}

// Expected is what the catalog says of a source; nil parts are not compared.
type Expected struct {
	// Client is the account that the source should belong to.
	Client *common.Address
	// Template and Release are what the catalog holds. They are compared when the
	// source is of the same version.
	Template *catalog.Template
	Release  *release.Release
}

// Verify recomputes every digest of a source from what can be fetched, and holds
// the parts against each other and against what is expected. Only metadata that
// cannot be read is an error; see *MetadataError.
func (s *Surveyor) Verify(ctx context.Context, source chain.Source, expected Expected) (*Verification, error) {
	fetchedMetadata, err := s.metadata(ctx, source)
	if err != nil {
		return nil, err
	}
	metadata := fetchedMetadata.Metadata
	v := &Verification{Source: source.Address.Hex()}
	if expected.Release != nil {
		v.Catalog = expected.Release.Version
	}
	v.compare("status", chain.Active, source.Status)
	if expected.Client != nil {
		v.compare("client", *expected.Client, source.Client)
	}
	// Whoever owns a source can change it without telling anybody.
	v.compare("owner", source.Client, source.Owner)
	v.compare("client parameter", source.Client, source.Params.Client)
	if linked := linkCID(source.Params.ImageMetadataUrl); linked.Defined() && !fetchedMetadata.Have(linked) {
		v.compare("metadata", linked, fetchedMetadata.Added)
	} else {
		v.compare("metadata", fetchedMetadata.Added, fetchedMetadata.Added)
	}
	v.compareEnvironments(metadata, source)
	stamp := metadata.Template
	if stamp == nil {
		s.compareLinks(ctx, v, metadata)
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return v, nil
	}
	v.Template, v.Version, v.Digest = stamp.Name, stamp.Version, stamp.Digest
	v.compareLogo(metadata)
	fetched := s.fetchFiles(ctx, v, stamp)
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	if fetched != nil {
		if again, err := release.FromFiles(fetched); err != nil {
			v.unknown("release", err)
		} else {
			v.compare("release digest", stamp.Digest, again.Digest)
			v.compare("name and version", again.Name+" "+again.Version, stamp.Name+" "+stamp.Version)
			v.compareHardware(again.Statement.Environments, stamp.Environments)
			v.compareTerms(source, again)
		}
	}
	if expected.Release != nil && expected.Release.Version == stamp.Version {
		v.compareCatalog(metadata, expected)
	}
	return v, nil
}

// linkCID is the CID in a link, undefined where there is none.
func linkCID(link string) cid.Cid {
	u, err := url.Parse(link)
	if err != nil {
		return cid.Undef
	}
	id, _, err := ipfs.LinkCID(u)
	if err != nil {
		return cid.Undef
	}
	return id
}

// compareEnvironments holds the chain's word against the metadata's.
func (v *Verification) compareEnvironments(m *release.Metadata, source chain.Source) {
	var environments []catalog.Environment
	for environment, link := range m.Compose() {
		if link != "" {
			environments = append(environments, environment)
		}
	}
	v.compare("imageEnvironments", names(catalog.Bits(environments)), names(source.Params.ImageEnvironments))
	v.compare("optionalParamsUrl", "", source.Params.OptionalParamsUrl)
}

// compareHardware holds what the metadata says of each environment against the
// release.
func (v *Verification) compareHardware(want, got map[string]release.Environment) {
	for _, e := range catalog.AllEnvironments() {
		_, known := want[e.String()]
		_, there := got[e.String()]
		if known || there {
			v.compare("hardware of "+e.String(), asJSON(want[e.String()].Hardware), asJSON(got[e.String()].Hardware))
		}
	}
}

func asJSON(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// names writes bits of environments as names.
func names(bits uint8) string {
	var list []string
	for _, e := range catalog.AllEnvironments() {
		if bits&uint8(e) != 0 {
			list = append(list, e.String())
			bits &^= uint8(e)
		}
	}
	if bits != 0 {
		list = append(list, fmt.Sprintf("and %d", bits))
	}
	return strings.Join(list, " ")
}

// compareLogo holds the link that readers show as the logo against that of the
// release's own file. The digest covers the file, not the link.
func (v *Verification) compareLogo(m *release.Metadata) {
	want := ""
	for _, f := range m.Template.Files {
		if f.IsLogo() {
			want = f.URL
		}
	}
	if m.LogoURL != want {
		v.compare("logoUrl", want, m.LogoURL)
	}
}

// compareLinks fetches what metadata without a stamp links to. Only the CID in a
// link says which bytes should be there.
func (s *Surveyor) compareLinks(ctx context.Context, v *Verification, m *release.Metadata) {
	for environment, link := range m.Compose() {
		field := "compose file for " + environment.String()
		linked := linkCID(link)
		switch {
		case link == "":
			continue
		case !linked.Defined():
			v.unknown(field, fmt.Errorf("%.300q holds no CID, so that nothing says which bytes should be there", link))
			continue
		}
		got, err := s.Fetcher.Get(ctx, link, document.MaxBytes)
		if err != nil {
			v.unknown(field, err)
			continue
		}
		cids, err := ipfs.IDsOf(got.Body)
		switch {
		case err != nil:
			v.unknown(field, err)
		case cids.Have(linked):
			v.compare(field, linked, linked)
		default:
			v.compare(field, linked, cids.Added)
		}
	}
}

// maxReleaseBytes is how large all files of a release may be together, in bytes. It
// is above what a release of this program can have; strangers may list more.
const maxReleaseBytes = 128 << 20

// fetchFiles fetches all files of a release and compares each with the list in
// the metadata. It returns nil when one is missing.
func (s *Surveyor) fetchFiles(ctx context.Context, v *Verification, stamp *release.Stamp) map[string][]byte {
	total := 0
	for _, f := range stamp.Files {
		total += f.Size
	}
	if total > maxReleaseBytes {
		v.unknown("files", fmt.Errorf("they have %d bytes together, and %d are the most that are fetched", total, maxReleaseBytes))
		return nil
	}
	checks := make([][]Check, len(stamp.Files))
	data := make([][]byte, len(stamp.Files))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(maxFetches)
	for i, f := range stamp.Files {
		group.Go(func() error {
			checks[i], data[i] = s.fetchFile(ctx, f)
			return nil
		})
	}
	_ = group.Wait()
	v.Checks = append(v.Checks, slices.Concat(checks...)...)
	files := map[string][]byte{}
	for i, f := range stamp.Files {
		if data[i] == nil {
			return nil
		}
		files[f.Path] = data[i]
	}
	return files
}

// fetchFile compares a file with its digest, its CID, and the CID in its link if
// there is one.
func (s *Surveyor) fetchFile(ctx context.Context, f release.HostedFile) ([]Check, []byte) {
	var v Verification
	got, err := s.Fetcher.Get(ctx, f.URL, int64(f.Size)+1)
	if err != nil {
		v.unknown(f.Path, err)
		return v.Checks, nil
	}
	cids, err := ipfs.IDsOf(got.Body)
	if err != nil {
		v.unknown(f.Path, err)
		return v.Checks, nil
	}
	sum := sha256.Sum256(got.Body)
	if len(got.Body) != f.Size { // the digest does not cover what the list says of it
		v.compare(f.Path+" size", f.Size, len(got.Body))
	}
	v.compare(f.Path+" sha256", f.SHA256, hex.EncodeToString(sum[:]))
	v.compare(f.Path+" CID", f.CID, cids.Added)
	if linked := linkCID(f.URL); linked.Defined() && !cids.Have(linked) {
		v.compare(f.Path+" CID in its link", linked, cids.Added)
	}
	return v.Checks, got.Body
}

// compareTerms holds the numbers on the chain against those of the release.
func (v *Verification) compareTerms(source chain.Source, r *release.Release) {
	want, err := Params(source.Client, r.Statement, source.Params.ImageMetadataUrl)
	if err != nil {
		v.unknown("terms", err)
		return
	}
	v.compare("environments of the release", names(want.ImageEnvironments), names(source.Params.ImageEnvironments))
	for _, field := range []struct {
		name      string
		want, got any
	}{
		{"minPayment", want.MinPayment, source.Params.MinPayment},
		{"minAvailableLockup", want.MinAvailableLockup, source.Params.MinAvailableLockup},
		{"maxExpiryDuration", want.MaxExpiryDuration, source.Params.MaxExpiryDuration},
		{"deliveryMethod", want.DeliveryMethod, source.Params.DeliveryMethod},
		{"privacyEnabled", want.PrivacyEnabled, source.Params.PrivacyEnabled},
	} {
		v.compare(field.name, field.want, field.got)
	}
}

// compareCatalog holds the release on the chain against that of the catalog.
func (v *Verification) compareCatalog(m *release.Metadata, expected Expected) {
	v.compare("digest in the catalog", expected.Release.Digest, m.Template.Digest)
	if expected.Template != nil {
		v.compare("name", expected.Template.Manifest.Title, m.Name)
		v.compare("description", expected.Template.Manifest.Description, m.Description)
	}
	for _, f := range expected.Release.Files {
		i := slices.IndexFunc(m.Template.Files, func(h release.HostedFile) bool { return h.Path == f.Path })
		if i < 0 {
			v.compare(f.Path+" in the catalog", f.SHA256, "")
		} else if m.Template.Files[i].SHA256 != f.SHA256 {
			v.compare(f.Path+" in the catalog", f.SHA256, m.Template.Files[i].SHA256)
		}
	}
}
