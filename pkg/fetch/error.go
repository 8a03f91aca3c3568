package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Kind says what went wrong with a fetch.
type Kind string

// The kinds.
const (
	// BadURL is no URL, or one that programs read differently.
	BadURL Kind = "bad-url"
	// NotHTTPS is another scheme, also after a redirect.
	NotHTTPS Kind = "not-https"
	// Credentials are a user name or password in the URL.
	Credentials Kind = "credentials"
	// Refused is an address that is not public, also after a redirect.
	Refused Kind = "refused-address"
	// DNS is a name that cannot be resolved.
	DNS Kind = "dns"
	// Unreachable is an address that cannot be connected to.
	Unreachable Kind = "unreachable"
	// TLS is a server that cannot prove who it is, or speaks no TLS.
	TLS Kind = "tls"
	// TooSlow is a server that did not finish in time.
	TooSlow Kind = "too-slow"
	// TooLarge is a body or a head over the limit.
	TooLarge Kind = "too-large"
	// TooManyRedirects may be a circle.
	TooManyRedirects Kind = "too-many-redirects"
	// Redirected is a redirect that the caller does not follow.
	Redirected Kind = "redirected"
	// Status is an answer that is no success.
	Status Kind = "status"
	// Page is a web page where data was wanted.
	Page Kind = "page"
	// Encoded is an answer that is packed though that was not asked for.
	Encoded Kind = "encoded"
	// Broken is an answer that broke off or is not HTTP.
	Broken Kind = "broken"
	// Interrupted is a fetch that the caller ended.
	Interrupted Kind = "interrupted"
)

// Error is why a fetch failed.
type Error struct {
	Kind Kind
	// URL is what could not be fetched, and From what redirected there; From is
	// empty when nothing did. Neither holds credentials.
	URL, From string
	// Status is the HTTP status of an error of the kind Status, and RetryAfter how
	// long the server asks to wait; 0 when it does not.
	Status     int
	RetryAfter time.Duration
	// Excerpt is how the body of such an answer begins, unless it is a page.
	Excerpt string
	// MediaType is what the server calls its answer, where there was one.
	MediaType string
	Err       error
}

func (e *Error) Error() string {
	from := ""
	if e.From != "" {
		from = ", where " + shorten(e.From) + " redirects to"
	}
	return fmt.Sprintf("%s%s: %v", shorten(e.URL), from, e.Err)
}

func (e *Error) Unwrap() error { return e.Err }

// brokenOff is a body that did not come to its end.
type brokenOff struct {
	after int
	err   error
}

func (b *brokenOff) Error() string {
	return fmt.Sprintf("the answer broke off after %d bytes: %v", b.after, b.err)
}
func (b *brokenOff) Unwrap() error { return b.err }

// explain gives an error its kind and its place. The outer context is the
// caller's.
func (s *session) explain(ctx, outer context.Context, err error) *Error {
	var problem *Error
	if !errors.As(err, &problem) {
		problem = &Error{Kind: kindOf(err), Err: err}
		switch {
		case problem.Kind == Refused || problem.Kind == NotHTTPS:
			// What the guard said stands inside of the dialer's words.
		case outer.Err() != nil:
			problem.Kind, problem.Err = Interrupted, context.Cause(outer)
		case ctx.Err() != nil || problem.Kind == TooSlow:
			problem.Kind, problem.Err = TooSlow, errors.New("it did not answer in full in time")
		}
	}
	if problem.URL == "" {
		problem.URL = s.at.String()
		if s.from != nil {
			problem.From = s.from.String()
		}
	}
	return problem
}

// kindOf reads the errors of the library.
func kindOf(err error) Kind {
	var (
		address     *AddressError
		plain       *plainError
		dns         *net.DNSError
		op          *net.OpError
		certificate *tls.CertificateVerificationError
		record      tls.RecordHeaderError
		timeout     interface{ Timeout() bool }
	)
	switch {
	case errors.As(err, &address):
		return Refused
	case errors.As(err, &plain):
		return NotHTTPS
	case errors.As(err, &timeout) && timeout.Timeout():
		return TooSlow
	case errors.As(err, &dns):
		return DNS
	case errors.As(err, &certificate), errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch),
		strings.HasPrefix(err.Error(), "tls: "), strings.HasPrefix(err.Error(), "remote error: tls: "):
		return TLS
	// The library has no type for it.
	case strings.Contains(err.Error(), "server response headers exceeded"):
		return TooLarge
	case errors.As(err, &op) && op.Op == "dial":
		return Unreachable
	}
	return Broken
}

// retryAfter reads the header of this name: seconds or a date. It is 0 when there
// is none or it cannot be read.
func retryAfter(header http.Header, now time.Time) time.Duration {
	text := header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil && at.After(now) {
		return at.Sub(now)
	}
	return 0
}

// quote makes a stranger's text fit into a message.
func quote(text string) string { return strconv.QuoteToASCII(shorten(text)) }

// mostShown is how much of a stranger's text is shown, in bytes.
const mostShown = 200

// shorten keeps the beginning of a long text.
func shorten(text string) string {
	if len(text) > mostShown {
		return strings.ToValidUTF8(text[:mostShown], "") + "…"
	}
	return text
}
