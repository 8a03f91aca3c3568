package registry

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
)

// Kind says in which way a registry did not give what was asked of it.
type Kind string

// The kinds of errors.
const (
	// Missing: the registry is fine, and does not have the tag or digest.
	Missing Kind = "missing"
	// NoPlatform: the image is there, and not for the platform.
	NoPlatform Kind = "no-platform"
	// Denied: a login is missing or does not suffice. Many registries also say
	// so of repositories that do not exist.
	Denied Kind = "denied"
	// RateLimited: the registry wants to be asked later.
	RateLimited Kind = "rate-limited"
	// Down: the registry cannot be reached, or answers that it does not work.
	Down Kind = "down"
	// Slow: the registry did not answer in time.
	Slow Kind = "slow"
	// Lying: the registry's answer contradicts itself or is none.
	Lying Kind = "lying"
	// Untrusted: the registry cannot prove who it is.
	Untrusted Kind = "untrusted"
	// Private: the registry's address is one that providers cannot reach.
	Private Kind = "private-address"
	// Misconfigured: Docker's configuration cannot be read.
	Misconfigured Kind = "misconfigured"
)

var remedies = map[Kind]string{
	Missing:       "correct the name, tag or digest, or push the image",
	NoPlatform:    "use an image that is built for the platform, or name another with --platform",
	Denied:        "check the name, then `docker login` to the registry",
	RateLimited:   "try again later, or `docker login` for a higher limit",
	Down:          "check the registry's name and the network, then try again",
	Slow:          "check the network, then try again",
	Lying:         "do not trust this registry: ask who runs it",
	Untrusted:     "check the registry's name; have its certificate renewed, or add its authority to the system's",
	Private:       "push the image to a registry that providers can reach",
	Misconfigured: "correct Docker's config.json, see `docker login`",
}

// Error is what went wrong with one reference. All errors of a Client are of
// this type, but for those of a context that was cancelled.
type Error struct {
	Kind      Kind
	Reference string
	// Message says what happened, without the reference.
	Message string
	// RetryAfter is how long the registry wants to be left alone, zero when it
	// does not say.
	RetryAfter time.Duration
}

func (e *Error) Error() string { return e.Reference + ": " + e.Message + ": " + e.Remedy() }

// Remedy says what to do.
func (e *Error) Remedy() string { return remedies[e.Kind] }

// KindOf is the kind of an error of this package, empty for any other.
func KindOf(err error) Kind {
	var known *Error
	if errors.As(err, &known) {
		return known.Kind
	}
	return ""
}

func fail(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// errPlainHTTP is no error of a registry on loopback: it is asked by HTTPS
// first, and then by HTTP.
var errPlainHTTP = errors.New("the registry does not speak HTTPS")

// asError gives any error its kind. ctx is the caller's, without this
// package's own limit: when it is done, that is the error.
func asError(ctx context.Context, reference string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var known *Error
	if !errors.As(err, &known) {
		known = classify(err)
	}
	described := *known
	described.Reference = reference
	return &described
}

// classify finds the kind of an error of the libraries below.
func classify(err error) *Error {
	var answer *transport.Error
	var certificate *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	var network net.Error
	var operation *net.OpError
	var dns *net.DNSError
	switch {
	case errors.As(err, &answer):
		return classifyStatus(answer.StatusCode)
	case errors.As(err, &certificate), errors.As(err, &unknown), errors.As(err, &record), errors.As(err, &alert):
		return fail(Untrusted, "the registry cannot prove who it is: %q", innermost(err))
	case errors.As(err, &dns) && dns.IsNotFound:
		return fail(Down, "there is no host %q", dns.Name)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return fail(Slow, "the registry did not answer in time")
	case errors.Is(err, errPlainHTTP):
		return fail(Untrusted, "%v", errPlainHTTP)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fail(Down, "the registry closes the connection")
	case errors.As(err, &operation):
		return fail(Down, "the registry cannot be reached: %q", innermost(err))
	default:
		return fail(Lying, "the registry's answer cannot be used: %.300q", innermost(err))
	}
}

// classifyStatus is for statuses that a registry gives while it is greeted.
func classifyStatus(status int) *Error {
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return fail(Denied, "access is denied")
	case status >= 500:
		return fail(Down, "the registry answers with status %d", status)
	default:
		return fail(Lying, "there is no registry: the host answers with status %d", status)
	}
}

// innermost drops what wrapped an error: URLs, and what was being done.
func innermost(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}
