package host

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/ipfs/go-cid"
	"github.com/opengpu-network/templates/pkg/fetch"
	"github.com/opengpu-network/templates/pkg/ipfs"
)

// addQuery asks for what a default `ipfs add` does, whatever the node's own
// configuration says, so that the node computes the CID that stands in File.
var addQuery = url.Values{
	"cid-version": {"0"}, "hash": {"sha2-256"}, "raw-leaves": {"false"}, "inline": {"false"}, "trickle": {"false"},
	"chunker": {fmt.Sprint("size-", ipfs.ChunkSize)}, "pin": {"true"}, "wrap-with-directory": {"false"}, "progress": {"false"},
}.Encode()

// IPFSNode is an IPFS node with its RPC API, and a gateway that shows what the
// node has.
type IPFSNode struct {
	api, authorization string
	gateway            gateway
	fetcher            *fetch.Fetcher
}

// NewIPFSNode names the node's RPC API, such as http://127.0.0.1:5001, the value
// of the Authorization header if it wants one, and the gateway. The API may
// always be on loopback, which is where nodes have it: reach one on another
// machine through HTTPS or a tunnel. A nil fetcher is one for public addresses.
func NewIPFSNode(api, authorization, gatewayURL string, fetcher *fetch.Fetcher) (*IPFSNode, error) {
	if fetcher == nil {
		fetcher = &fetch.Fetcher{}
	}
	gateway, err := newGateway(gatewayURL, fetcher)
	if err != nil {
		return nil, err
	}
	local := *fetcher
	local.AllowLoopback = true
	u, err := local.CheckURL(api)
	if err != nil {
		return nil, fmt.Errorf("the IPFS node's API: %w", err)
	}
	if u.RawQuery != "" {
		return nil, fmt.Errorf("the IPFS node's API %s has a query: leave it out", u)
	}
	return &IPFSNode{api: strings.TrimSuffix(u.String(), "/"), authorization: authorization, gateway: gateway, fetcher: &local}, nil
}

func (n *IPFSNode) String() string { return "the IPFS node " + n.api }

// Upload adds and pins the file, and returns the gateway's link to it.
func (n *IPFSNode) Upload(ctx context.Context, file File) (string, error) {
	upload, err := form(file)
	if err != nil {
		return "", err
	}
	upload.Authorization = n.authorization
	answer, err := n.fetcher.Post(ctx, n.api+"/api/v0/add?"+addQuery, upload, maxAnswer)
	if err != nil {
		return "", err
	}
	id, err := added(answer.Body)
	if err != nil {
		return "", &Error{Kind: BadAnswer, Err: fmt.Errorf("the answer of the IPFS node: %w", err)}
	}
	if !ipfs.Same(id, file.CID) {
		return "", &Error{Kind: OtherCID, Err: fmt.Errorf("the IPFS node added %s, but the file is %s", id, file.CID)}
	}
	return n.gateway.link(file), nil
}

// added reads the CID of the one file that was added.
func added(answer []byte) (cid.Cid, error) {
	decoder := json.NewDecoder(bytes.NewReader(answer))
	var said struct{ Hash, Message string }
	switch err := decoder.Decode(&said); {
	case err != nil:
		return cid.Undef, fmt.Errorf("it is not the JSON that was expected: %w", err)
	case said.Hash == "" && said.Message != "":
		return cid.Undef, fmt.Errorf("it says %.200q", said.Message)
	case said.Hash == "":
		return cid.Undef, errors.New("it holds no CID")
	}
	if _, err := decoder.Token(); err != io.EOF {
		return cid.Undef, errors.New("it holds more than the one file")
	}
	id, err := cid.Decode(said.Hash)
	if err != nil {
		return cid.Undef, fmt.Errorf("%.200q is no CID: %w", said.Hash, err)
	}
	return id, nil
}

// Check tells whether a link is the gateway's to exactly this file.
func (n *IPFSNode) Check(link *url.URL, file File) error { return n.gateway.check(link, file) }
