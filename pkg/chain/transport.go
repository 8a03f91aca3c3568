package chain

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/ethereum/go-ethereum/rpc"
	"github.com/opengpu-network/templates/pkg/fetch"
)

const (
	// maxResponse is how large the answer to one request may be, in bytes. A batch
	// of calls is one request.
	maxResponse = 32 << 20
	// requestTimeout is how long an endpoint may take for one request.
	requestTimeout = 30 * time.Second
)

// CheckURL returns an endpoint's URL when it may be used: HTTPS, or HTTP on
// loopback. What an endpoint says decides what is signed.
func CheckURL(endpoint string) (*url.URL, error) {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.Opaque != "" {
		return nil, errors.New("the RPC endpoint is no URL: write https://HOST, or http://127.0.0.1:PORT")
	}
	loopback := fetch.LoopbackHost(u.Hostname())
	switch {
	case u.Scheme == "https", u.Scheme == "http" && loopback:
		return u, nil
	case u.Scheme == "http":
		return nil, fmt.Errorf("the RPC endpoint %s is not encrypted: use https, or plain http on loopback", u.Host)
	}
	return nil, fmt.Errorf("the RPC endpoint %s has the scheme %q: use https, or plain http on loopback", u.Host, u.Scheme)
}

// dial makes a client of an endpoint. Nothing is sent yet.
func dial(ctx context.Context, u *url.URL) (*rpc.Client, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = maxParallel
	transport.ResponseHeaderTimeout = requestTimeout
	if u.Scheme == "http" {
		transport.Proxy = nil
		transport.DialContext = (&net.Dialer{Timeout: requestTimeout, Control: fetch.OnlyLoopback}).DialContext
	}
	client := &http.Client{
		Transport: fetch.LimitAnswers(transport, maxResponse, errTooLarge),
		Timeout:   requestTimeout,
		// Another host is another word than the one that was asked for.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return rpc.DialOptions(ctx, u.String(), rpc.WithHTTPClient(client), rpc.WithBatchResponseSizeLimit(maxResponse))
}

var errTooLarge = fmt.Errorf("its answer is larger than %d MiB", maxResponse>>20)
