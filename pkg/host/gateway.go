package host

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/opengpu-network/templates/pkg/fetch"
	"github.com/opengpu-network/templates/pkg/ipfs"
)

// gateway is an IPFS gateway.
type gateway struct{ scheme, host string }

// newGateway reads a gateway's address, such as https://cipfs.ogpuscan.io.
func newGateway(address string, fetcher *fetch.Fetcher) (gateway, error) {
	u, err := fetcher.CheckURL(address)
	if err != nil {
		return gateway{}, fmt.Errorf("the IPFS gateway: %w", err)
	}
	if strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		return gateway{}, fmt.Errorf("the IPFS gateway %s is more than a host: leave out what follows", u)
	}
	return gateway{u.Scheme, hostOf(u.Scheme, u.Host)}, nil
}

// hostOf writes a host in one way, so that hosts can be compared.
func hostOf(scheme, host string) string {
	host = strings.ToLower(host)
	return strings.TrimSuffix(host, map[string]string{"https": ":443", "http": ":80"}[scheme])
}

func (g gateway) link(file File) string {
	return g.scheme + "://" + g.host + "/ipfs/" + file.CID.String()
}

// check tells whether a link is the gateway's to exactly this file.
func (g gateway) check(link *url.URL, file File) error {
	id, host, err := ipfs.LinkCID(link)
	if errors.Is(err, ipfs.ErrNoCID) {
		return &Error{Kind: BadLink, Link: link.String(), Err: fmt.Errorf("%.200q: %w", link, err)}
	}
	if host = hostOf(link.Scheme, host); host != g.host || link.Scheme != g.scheme {
		return &Error{Kind: BadLink, Link: link.String(), Err: fmt.Errorf("the link leads to %s://%s, not to the gateway %s://%s", link.Scheme, host, g.scheme, g.host)}
	}
	if !ipfs.Same(id, file.CID) {
		return &Error{Kind: OtherCID, Link: link.String(), Err: fmt.Errorf("the link is to %s, but the file is %s", id, file.CID)}
	}
	return nil
}
