package registry

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/opengpu-network/templates/pkg/fetch"
)

const (
	// maxBody is the size in bytes of the largest answer that is read. It is
	// what registries themselves accept as a manifest.
	maxBody = 4 << 20
	// maxHeader is likewise for an answer's header.
	maxHeader = 64 << 10
	// attempts is how often one request is made, and pause how long it waits
	// when the registry does not say.
	attempts = 3
	pause    = 250 * time.Millisecond
	// maxRetryAfter is the longest wait that a registry may ask for.
	maxRetryAfter = 30 * time.Second
)

// guard stands between the libraries and the network. It is given to one
// registry, and holds all its requests within limits.
type guard struct {
	base http.RoundTripper
	// loopback is true for a registry on this machine. Such a one leads nowhere
	// else, and any other leads nowhere private.
	loopback bool
}

// RoundTrip makes a request, again if the registry asks for it within reason.
func (g *guard) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Scheme != "https" && !(req.URL.Scheme == "http" && g.loopback && fetch.LoopbackHost(req.URL.Hostname())) {
		if req.Response == nil {
			return nil, errPlainHTTP
		}
		return nil, fail(Lying, "the registry redirects to %s, which is not HTTPS", shown(req.URL))
	}
	if from := req.Response; from != nil && from.Request.URL.Host != req.URL.Host && req.Context().Value(elsewhere{}) == nil {
		return nil, fail(Lying, "the registry redirects to another host, %s", shown(req.URL))
	}
	for attempt := 1; ; attempt++ {
		resp, err := g.base.RoundTrip(req)
		wait, limited := pause<<attempt, false
		switch {
		case err != nil:
			if attempt == attempts || !isBroken(err) {
				return nil, g.explain(req, err)
			}
		case resp.StatusCode == http.StatusTooManyRequests, resp.StatusCode >= 500:
			limited = resp.StatusCode == http.StatusTooManyRequests
			asked, says := retryAfter(resp.Header.Get("Retry-After"))
			_ = resp.Body.Close()
			if says {
				wait = asked
			}
			if attempt == attempts || wait > maxRetryAfter || limited && !says {
				return nil, refused(resp.StatusCode, asked)
			}
		default:
			resp.Body = fetch.LimitBody(resp.Body, maxBody+1, fail(Lying, "the registry answers with more than %d bytes", maxBody))
			return resp, nil
		}
		if req.Body != nil && req.GetBody == nil {
			return nil, fail(Down, "the registry did not take a request that cannot be repeated")
		}
		if err := sleep(req.Context(), wait); err != nil {
			if limited {
				return nil, refused(http.StatusTooManyRequests, wait)
			}
			return nil, err
		}
		if req.Body != nil {
			if req.Body, err = req.GetBody(); err != nil {
				return nil, err
			}
		}
	}
}

// refused is the error for a registry that turned all attempts down.
func refused(status int, retryAfter time.Duration) *Error {
	if status != http.StatusTooManyRequests {
		return fail(Down, "the registry answers with status %d", status)
	}
	e := fail(RateLimited, "the registry allows no more requests")
	if e.RetryAfter = retryAfter; retryAfter > 0 {
		e.Message += " for " + retryAfter.String()
	}
	return e
}

// explain gives the errors of the guard's own dialer their words.
func (g *guard) explain(req *http.Request, err error) error {
	var private *fetch.AddressError
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &private) && req.Response != nil:
		return fail(Lying, "the registry redirects to %s, whose address is %s", shown(req.URL), private.What)
	case errors.As(err, &private):
		return fail(Private, "%s has the address %s, which is %s", req.URL.Hostname(), private.Address, private.What)
	case g.loopback && errors.As(err, &record) && string(record.RecordHeader[:]) == "HTTP/":
		return errPlainHTTP
	case req.Context().Err() != nil:
		return req.Context().Err()
	default:
		// Classified here: of the errors of several attempts by HTTPS and HTTP
		// the library wraps all, and the first that has a kind is meant.
		return classify(err)
	}
}

// isBroken is true when a connection broke: another may do better.
func isBroken(err error) bool {
	var operation *net.OpError
	return errors.Is(err, io.EOF) || errors.As(err, &operation) && operation.Op != "dial" && !operation.Timeout()
}

// retryAfter reads the header: seconds, or a date.
func retryAfter(text string) (time.Duration, bool) {
	if seconds, err := strconv.ParseUint(text, 10, 24); err == nil {
		return time.Duration(seconds) * time.Second, true
	}
	if date, err := http.ParseTime(text); err == nil {
		return max(time.Until(date).Round(time.Second), 0), true
	}
	return 0, false
}

// sleep waits, unless the context would end before.
func sleep(ctx context.Context, wait time.Duration) error {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < wait {
		return context.DeadlineExceeded
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(wait):
		return nil
	}
}

// shown is a URL's scheme and host: the rest may hold a secret.
func shown(u *url.URL) string { return u.Scheme + "://" + u.Host }

// newTransport makes connections to loopback only, or to public addresses
// only. The check is made on the address itself, after the name was resolved.
func newTransport(loopback bool, proxy func(*http.Request) (*url.URL, error)) http.RoundTripper {
	var proxies sync.Map
	dialer := net.Dialer{Timeout: 10 * time.Second}
	guarded := dialer
	guarded.Control = func(_, address string, _ syscall.RawConn) error {
		parsed, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		ip := parsed.Addr()
		if loopback && !ip.Unmap().IsLoopback() {
			return &fetch.AddressError{Address: ip, What: "not on this machine, though its name says so"}
		}
		return fetch.CheckAddress(ip, loopback)
	}
	t := &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			if _, isProxy := proxies.Load(address); isProxy {
				return dialer.DialContext(ctx, network, address)
			}
			return guarded.DialContext(ctx, network, address)
		},
		ForceAttemptHTTP2: true, TLSHandshakeTimeout: 10 * time.Second, IdleConnTimeout: 30 * time.Second,
		MaxIdleConnsPerHost: 8, MaxResponseHeaderBytes: maxHeader,
	}
	if proxy != nil && !loopback {
		t.Proxy = func(req *http.Request) (*url.URL, error) {
			via, err := proxy(req)
			if via != nil {
				// The user has named it: it may well be a private address.
				proxies.Store(hostPort(via), true)
			}
			return via, err
		}
	}
	return t
}

func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443", "socks5": "1080", "socks5h": "1080"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}
