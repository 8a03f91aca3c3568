package host

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime/multipart"
	"net/url"

	"github.com/opengpu-network/templates/pkg/fetch"
)

// OpenGPU's own pinning service.
const (
	OpenGPUPinning = "https://capi.ogpuscan.io/file/create"
	OpenGPUGateway = "https://cipfs.ogpuscan.io"
)

// maxAnswer is how large the answer to an upload may be, in bytes.
const maxAnswer = 64 << 10

// Pinning is OpenGPU's pinning service, or one that does the same: it takes a
// form with one part, "file", and answers JSON whose "link" is a gateway's.
type Pinning struct {
	endpoint string
	gateway  gateway
	fetcher  *fetch.Fetcher
}

// NewPinning names the address for uploads and the IPFS gateway whose links the
// service gives out. A nil fetcher is one for public addresses.
func NewPinning(endpoint, gatewayURL string, fetcher *fetch.Fetcher) (*Pinning, error) {
	if fetcher == nil {
		fetcher = &fetch.Fetcher{}
	}
	u, err := fetcher.CheckURL(endpoint)
	if err != nil {
		return nil, fmt.Errorf("the pinning service: %w", err)
	}
	if u.RawQuery != "" {
		// What stands there is often a token, and the address is part of messages.
		return nil, fmt.Errorf("the pinning service at %s has a query in its address: leave it out", u.Host)
	}
	gateway, err := newGateway(gatewayURL, fetcher)
	if err != nil {
		return nil, err
	}
	return &Pinning{endpoint: endpoint, gateway: gateway, fetcher: fetcher}, nil
}

func (p *Pinning) String() string { return "the pinning service " + p.endpoint }

// Upload sends the file and returns the link of the answer.
func (p *Pinning) Upload(ctx context.Context, file File) (string, error) {
	upload, err := form(file)
	if err != nil {
		return "", err
	}
	answer, err := p.fetcher.Post(ctx, p.endpoint, upload, maxAnswer)
	if err != nil {
		return "", err
	}
	var said struct {
		Link *string `json:"link"`
	}
	if err := json.Unmarshal(answer.Body, &said); err != nil {
		return "", &Error{Kind: BadAnswer, Err: fmt.Errorf("the answer to the upload is not the JSON that was expected: %w", err)}
	}
	if said.Link == nil || *said.Link == "" {
		return "", &Error{Kind: BadAnswer, Err: errors.New("the answer to the upload holds no link")}
	}
	return *said.Link, nil
}

// Check tells whether a link is the gateway's to exactly this file.
func (p *Pinning) Check(link *url.URL, file File) error { return p.gateway.check(link, file) }

// form writes a file as a form with one part, "file".
func form(file File) (fetch.Upload, error) {
	var body bytes.Buffer
	writer := multipart.NewWriter(&body)
	part, err := writer.CreateFormFile("file", file.Name)
	if err == nil {
		_, err = part.Write(file.Data)
	}
	if err == nil {
		err = writer.Close()
	}
	return fetch.Upload{ContentType: writer.FormDataContentType(), Data: body.Bytes()}, err
}
