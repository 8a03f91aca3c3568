// Package fetch is the one way in which the program fetches what a stranger
// names. It speaks HTTPS only, refuses addresses that are not public when it
// connects to them, at each redirect anew, and limits size, time and redirects.
// What goes wrong is told apart by the Kind of its Error.
package fetch

import (
	"context"
	"crypto/x509"
	"errors"
	"math"
	"net"
	"net/url"
	"time"
)

// The limits of a Fetcher that names none.
const (
	DefaultTimeout   = time.Minute
	DefaultRedirects = 5
	// MaxHeader is how large the head of an answer may be, in bytes.
	MaxHeader = 64 << 10
)

// errTooSlow is the cause of a context that ended because time was up.
var errTooSlow = errors.New("time is up")

// Fetcher fetches. The zero value fetches from public addresses over HTTPS. It
// never asks the environment for a proxy, for then the proxy would resolve the
// names and connect, and no address could be refused. It keeps no connections,
// cookies or other state, and may be used by several goroutines at once.
type Fetcher struct {
	// AllowLoopback lets loopback addresses be fetched from, over plain HTTP too.
	// It is for the devnet and for tests. A server elsewhere can still not
	// redirect to loopback, and no redirect leads from HTTPS to HTTP.
	AllowLoopback bool
	// AllowPages lets web pages (text/html) through. They are refused otherwise:
	// gateways and proxies answer with pages what they do not have.
	AllowPages bool
	// Timeout is for the whole of one fetch, redirects and body included. 0 is
	// DefaultTimeout.
	Timeout time.Duration
	// Redirects is how many are followed; 0 is DefaultRedirects, and a negative
	// number is none.
	Redirects int
	// Follow judges each redirect before it is followed; its error becomes one of
	// the kind Redirected. Nil follows to any public server.
	Follow func(from, to *url.URL) error
	// Roots are who may vouch for servers; nil is whom the system trusts.
	Roots *x509.CertPool
	// Resolver resolves names; nil is the system's.
	Resolver *net.Resolver
}

// Response is a whole answer.
type Response struct {
	// URL is where the answer came from, after redirects.
	URL *url.URL
	// Status is 200, or one that was asked for.
	Status int
	// MediaType is the server's word, in lower case and without parameters:
	// "text/html". It is empty when the server says nothing that can be read.
	MediaType string
	Body      []byte
}

// IsPage tells whether the server calls its answer a web page.
func (r Response) IsPage() bool { return isPage(r.MediaType) }

// Get fetches what a URL names. The body may be limit bytes large at most. Only
// the status 200 is a success. The error is always an *Error.
func (f *Fetcher) Get(ctx context.Context, rawURL string, limit int64) (Response, error) {
	return f.run(ctx, rawURL, limit, nil)
}

// Upload is the body of a POST request.
type Upload struct {
	ContentType string
	// Authorization is the header of this name, if there shall be one.
	Authorization string
	Data          []byte
}

// Post sends data and returns the answer, of limit bytes at most. The statuses
// 200 and 201 are successes. Redirects are not followed. The error is always an
// *Error.
func (f *Fetcher) Post(ctx context.Context, rawURL string, upload Upload, limit int64) (Response, error) {
	return f.run(ctx, rawURL, limit, &upload)
}

// run does one fetch, with all its redirects. No upload is a GET.
func (f *Fetcher) run(ctx context.Context, rawURL string, limit int64, upload *Upload) (Response, error) {
	target, err := f.CheckURL(rawURL)
	if err != nil {
		return Response{}, err
	}
	if limit < 0 || limit == math.MaxInt64 {
		return Response{}, &Error{Kind: BadURL, URL: target.String(), Err: errors.New("fetched with a limit that is none")}
	}
	timeout := f.Timeout
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	outer := ctx
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, errTooSlow)
	defer cancel()
	session := &session{fetcher: f, transport: f.transport(), limit: limit, upload: upload}
	response, err := session.follow(ctx, target)
	if err == nil {
		// A server may end its body when it sees the connection end.
		err = context.Cause(ctx)
	}
	if err != nil {
		return Response{}, session.explain(ctx, outer, err)
	}
	return response, nil
}
