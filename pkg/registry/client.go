// Package registry asks image registries which bytes a reference stands for.
// A registry is a stranger: what it says is checked against the bytes that it
// gives, and all that is read from it or waited for is limited.
package registry

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/opengpu-network/templates/pkg/fetch"
)

// DefaultTimeout is how long a Client waits for one image unless told
// otherwise: for its manifest, and again for what its platform is.
const DefaultTimeout = time.Minute

// Client asks registries. Its zero value asks without credentials. It may be
// used by several goroutines; its fields must not change then.
type Client struct {
	// Keychain knows the credentials; authn.DefaultKeychain reads Docker's own
	// configuration.
	Keychain authn.Keychain
	// Timeout is how long one call may take; zero is DefaultTimeout.
	Timeout time.Duration
	// Proxy is the proxy for a request, or nil; see http.ProxyFromEnvironment.
	Proxy func(*http.Request) (*url.URL, error)

	once          sync.Once
	local, public http.RoundTripper
}

// Manifest is an image's manifest or index as a registry holds it. Its bytes
// have its digest.
type Manifest struct {
	// Reference is what was asked for.
	Reference Reference
	// Digest is the sha256 of the bytes, as "sha256:…": that of the index for
	// an image of several platforms.
	Digest string
	// MediaType is one of an index or an image manifest.
	MediaType string
	// Bytes are the manifest.
	Bytes []byte

	content content
	session *session
}

// Fetch gets the manifest that a reference stands for: by its digest, if it
// has one, else by its tag. The errors are of type *Error, or the context's.
func (c *Client) Fetch(ctx context.Context, r Reference) (*Manifest, error) {
	limited, cancel := c.limit(ctx)
	defer cancel()
	m, err := c.fetch(limited, r)
	if err != nil {
		return nil, asError(ctx, r.String(), err)
	}
	return m, nil
}

func (c *Client) fetch(ctx context.Context, r Reference) (*Manifest, error) {
	s, err := c.open(ctx, r)
	if err != nil {
		return nil, err
	}
	identifier := r.Digest
	if identifier == "" {
		identifier = r.Tag
	}
	return s.manifest(ctx, r, identifier)
}

func (c *Client) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	timeout := c.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	return context.WithTimeout(ctx, timeout)
}

// session is one repository, logged in.
type session struct {
	client http.Client
	base   string
}

func (c *Client) open(ctx context.Context, r Reference) (*session, error) {
	c.once.Do(func() { c.local, c.public = newTransport(true, nil), newTransport(false, c.Proxy) })
	repository, err := name.NewRepository(r.Registry() + "/" + r.Repository())
	if err != nil {
		return nil, fail(Missing, "no registry has such a name: %q", err)
	}
	keychain := c.Keychain
	if keychain == nil {
		keychain = authn.NewMultiKeychain()
	}
	credentials, err := authn.Resolve(ctx, keychain, repository)
	if err != nil {
		return nil, fail(Misconfigured, "Docker's configuration cannot be read: %q", innermost(err))
	}
	host, err := url.Parse("https://" + repository.RegistryStr())
	if err != nil {
		return nil, fail(Missing, "no registry has such a name")
	}
	g := &guard{base: c.public, loopback: fetch.LoopbackHost(host.Hostname())}
	if g.loopback {
		g.base = c.local
	}
	authorized, err := transport.NewWithContext(ctx, repository.Registry, credentials, g, []string{repository.Scope(transport.PullScope)})
	if err != nil {
		return nil, err
	}
	return &session{http.Client{Transport: authorized}, fmt.Sprintf("https://%s/v2/%s/", repository.RegistryStr(), repository.RepositoryStr())}, nil
}

// manifest gets a manifest by its tag or digest.
func (s *session) manifest(ctx context.Context, r Reference, identifier string) (*Manifest, error) {
	body, header, err := s.get(ctx, "manifests/"+identifier)
	if err != nil {
		return nil, err
	}
	m := &Manifest{Reference: r, Digest: digestOf(body), Bytes: body, session: s}
	if claimed := header.Get("Docker-Content-Digest"); strings.HasPrefix(claimed, "sha256:") && claimed != m.Digest {
		return nil, fail(Lying, "the registry says that the manifest has the digest %q, and its bytes have %s", claimed, m.Digest)
	}
	if digestForm.MatchString(identifier) && identifier != m.Digest {
		return nil, fail(Lying, "the registry answers with another manifest, %s", m.Digest)
	}
	if m.MediaType, _, err = mime.ParseMediaType(header.Get("Content-Type")); err != nil {
		m.MediaType = ""
	}
	m.content, err = parse(m.MediaType, body)
	return m, err
}

// blob gets a blob that a manifest names.
func (s *session) blob(ctx context.Context, d v1.Descriptor) ([]byte, error) {
	// Registries keep blobs elsewhere; what comes back is checked all the same.
	body, _, err := s.get(context.WithValue(ctx, elsewhere{}, true), "blobs/"+d.Digest.String())
	if err == nil && (digestOf(body) != d.Digest.String() || int64(len(body)) != d.Size) {
		err = fail(Lying, "the registry answers with another blob than %s", d.Digest)
	}
	return body, err
}

// elsewhere marks the context of a request that may be redirected to another
// host.
type elsewhere struct{}

func (s *session) get(ctx context.Context, path string) ([]byte, http.Header, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+path, nil)
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("Accept", strings.Join(accepted, ", "))
	resp, err := s.client.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	page := strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html")
	switch {
	case resp.StatusCode == http.StatusUnauthorized, resp.StatusCode == http.StatusForbidden:
		return nil, nil, fail(Denied, "access is denied")
	case page:
		return nil, nil, fail(Lying, "the registry answers with a web page")
	case resp.StatusCode == http.StatusNotFound:
		return nil, nil, fail(Missing, "the registry does not have it")
	case resp.StatusCode != http.StatusOK:
		return nil, nil, fail(Lying, "the registry answers with status %d", resp.StatusCode)
	}
	body, err := io.ReadAll(resp.Body)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = fail(Down, "the registry's answer broke off")
	}
	return body, resp.Header, err
}

func digestOf(data []byte) string {
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:])
}
