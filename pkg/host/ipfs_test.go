package host

import (
	"crypto/x509"
	"testing"
	"time"

	"github.com/opengpu-network/templates/pkg/fetch"
	"github.com/opengpu-network/templates/pkg/host/hosttest"
)

// node is an IPFS node and who puts files on it.
type node struct{ *hosttest.Node }

func newNode(t *testing.T) *node { return &node{hosttest.NewNode(t)} }

// fetcher trusts the node's servers.
func (n *node) fetcher() *fetch.Fetcher {
	roots := x509.NewCertPool()
	roots.AddCert(n.Gateway.Certificate())
	roots.AddCert(n.Pinning.Certificate())
	return &fetch.Fetcher{AllowLoopback: true, Roots: roots}
}

// uploader puts files on the node through the pinning service.
func (n *node) uploader(t *testing.T) *Uploader {
	t.Helper()
	fetcher := n.fetcher()
	pinning, err := NewPinning(n.Uploads(), n.Gateway.URL, fetcher)
	if err != nil {
		t.Fatal(err)
	}
	return &Uploader{Host: pinning, Fetcher: fetcher, Patience: hurry}
}

// direct puts files on the node through its API.
func (n *node) direct(t *testing.T) *Uploader {
	t.Helper()
	fetcher := n.fetcher()
	host, err := NewIPFSNode(n.API.URL, "", n.Gateway.URL, fetcher)
	if err != nil {
		t.Fatal(err)
	}
	return &Uploader{Host: host, Fetcher: fetcher, Patience: hurry}
}

// hurry makes tests fast: what is waited for comes at once or never.
var hurry = Patience{Tries: 3, Pause: time.Millisecond, Longest: 5 * time.Millisecond, Visible: 50 * time.Millisecond}
