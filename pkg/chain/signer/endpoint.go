package signer

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/ethereum/go-ethereum/accounts"
	"github.com/ethereum/go-ethereum/rpc"
	"github.com/opengpu-network/templates/pkg/fetch"
)

const (
	// maxAnswer is how large the answer to one request may be, in bytes. Nodes
	// take no transactions over 128 KiB, which stand in it twice and in
	// hexadecimal.
	maxAnswer = 1 << 20
	// maxHead is the same for the headers of an HTTP answer.
	maxHead = 64 << 10
	// connectLimit is how long a connection may take.
	connectLimit = 15 * time.Second
	// helloLimit is how long a signer may take to say its version, for which it
	// asks nobody.
	helloLimit = 30 * time.Second
)

// endpoint is where an external signer listens. Each request has a connection of
// its own: nothing is sent twice, and no answer can belong to another request.
type endpoint struct {
	// socket is the path of a Unix socket, or empty.
	socket string
	// url is the signer's URL where there is no socket. Its path and query may
	// hold secrets, and are not shown.
	url *url.URL
	// roots are the authorities to trust in place of the system's, or nil.
	roots *x509.CertPool
	// patience is how long the signer may take to say its version.
	patience time.Duration
}

// parseEndpoint reads the address of a signer.
func parseEndpoint(address string) (*endpoint, error) {
	if !strings.Contains(address, "://") {
		info, err := os.Stat(address)
		switch {
		case address == "":
			return nil, fail(BadAddress, "the external signer has no address")
		case err != nil:
			return nil, fail(Unreachable, "the external signer's address %s has no https:// in front, and as the path of a socket there is nothing (%s)", shown(address), reason(err))
		case info.Mode().Type() != os.ModeSocket:
			return nil, fail(BadAddress, "the external signer's address %s is a path at which there is no socket", shown(address))
		}
		return &endpoint{socket: address, patience: helloLimit}, nil
	}
	at, err := url.Parse(address)
	switch {
	case err != nil || at.Hostname() == "" || at.Opaque != "":
		return nil, fail(BadAddress, "the external signer's address is no URL")
	case at.User != nil:
		return nil, fail(BadAddress, "the external signer's address holds a user name or a password, which is not supported")
	case at.Scheme == "http" && !fetch.LoopbackHost(at.Hostname()):
		return nil, fail(BadAddress, "the external signer at %s would be asked without encryption", shown(at.Host))
	case at.Scheme != "http" && at.Scheme != "https":
		return nil, fail(BadAddress, "the external signer's address begins with neither https:// nor http://")
	}
	return &endpoint{url: at, patience: helloLimit}, nil
}

func (e *endpoint) String() string {
	if e.socket != "" {
		return "the signer at " + shown(e.socket)
	}
	return fmt.Sprintf("the signer at %s://%s", e.url.Scheme, shown(e.url.Host))
}

// call sends one request and reads the answer.
func (e *endpoint) call(ctx context.Context, result any, method string, args ...any) error {
	ask := e.askHTTP
	if e.socket != "" {
		ask = e.askSocket
	}
	if err := ask(ctx, result, method, args); err != nil {
		return e.explain(ctx, err)
	}
	return nil
}

// askSocket speaks JSON-RPC over a connection. The library's client is not for this: it
// reads answers of any size, and waits for ever when one that is no JSON arrives before
// it has noted that the request was sent.
func (e *endpoint) askSocket(ctx context.Context, result any, method string, args []any) error {
	dialer := net.Dialer{Timeout: connectLimit}
	connection, err := dialer.DialContext(ctx, "unix", e.socket)
	if err != nil {
		return err
	}
	defer connection.Close()
	defer context.AfterFunc(ctx, func() { connection.Close() })()
	const id = 1
	err = json.NewEncoder(connection).Encode(struct {
		Version string `json:"jsonrpc"`
		ID      int    `json:"id"`
		Method  string `json:"method"`
		Params  []any  `json:"params,omitempty"`
	}{"2.0", id, method, args})
	if err != nil {
		return err
	}
	var answer struct {
		ID     int             `json:"id"`
		Result json.RawMessage `json:"result"`
		Error  *socketError    `json:"error"`
	}
	err = json.NewDecoder(fetch.LimitBody(connection, maxAnswer, errTooLarge)).Decode(&answer)
	switch {
	case err != nil:
		return err
	case answer.ID != id:
		return errors.New("it answers another request")
	case answer.Error != nil:
		return answer.Error
	}
	return json.Unmarshal(answer.Result, result)
}

// socketError is an error that a signer reports: an rpc.Error.
type socketError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

func (e *socketError) Error() string  { return e.Message }
func (e *socketError) ErrorCode() int { return e.Code }

// askHTTP goes straight to the signer, past proxies, and follows it nowhere else.
func (e *endpoint) askHTTP(ctx context.Context, result any, method string, args []any) error {
	dialer := &net.Dialer{Timeout: connectLimit}
	if e.url.Scheme == "http" {
		dialer.Control = fetch.OnlyLoopback
	}
	transport := &http.Transport{
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: e.roots},
		TLSHandshakeTimeout:    connectLimit,
		DisableKeepAlives:      true,
		DisableCompression:     true,
		MaxResponseHeaderBytes: maxHead,
	}
	client, err := rpc.DialOptions(ctx, e.url.String(), rpc.WithHTTPClient(&http.Client{
		Transport:     fetch.LimitAnswers(transport, maxAnswer, errTooLarge),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}))
	if err != nil {
		return err
	}
	defer client.Close()
	return client.CallContext(ctx, result, method, args...)
}

// errTooLarge is an answer over maxAnswer.
var errTooLarge = errors.New("the answer is too large")

// What the JSON-RPC errors of clef are told apart by.
const (
	codeNoMethod = -32601
	codeTimeout  = -32002
	textDenied   = "request denied"
)

// explain tells what a failed call means.
func (e *endpoint) explain(ctx context.Context, err error) *Error {
	var (
		answer      rpc.Error
		status      rpc.HTTPError
		certificate *tls.CertificateVerificationError
		record      tls.RecordHeaderError
		request     *url.Error
		network     *net.OpError
	)
	switch {
	case errors.As(err, &answer):
		return e.explainAnswer(answer)
	case errors.Is(err, errTooLarge):
		return fail(BadAnswer, "%s answered with more than %d KiB", e, maxAnswer>>10)
	case errors.Is(err, fetch.ErrElsewhere):
		return fail(BadAddress, "%s would be asked without encryption: %v", e, fetch.ErrElsewhere)
	case ctx.Err() != nil:
		return ended(ctx, e.String()+" did not answer")
	case errors.As(err, &status):
		if status.StatusCode/100 == 3 {
			return fail(BadAnswer, "%s answered with a redirect, which is not followed", e)
		}
		return fail(BadAnswer, "%s answered with the HTTP status %d", e, status.StatusCode)
	case errors.As(err, &certificate), errors.As(err, &record):
		return fail(Untrusted, "%s cannot prove who it is (%.200q)", e, shown(inner(err, request).Error()))
	case errors.As(err, &request), errors.As(err, &network),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return fail(Unreachable, "%s cannot be asked (%.200q)", e, shown(inner(err, request).Error()))
	}
	return fail(BadAnswer, "%s did not answer as a signer does", e)
}

// inner drops the library's repetition of the URL, which may hold secrets.
func inner(err error, request *url.Error) error {
	if errors.As(err, &request) {
		return request.Err
	}
	return err
}

// explainAnswer tells what an error that the signer reports means.
func (e *endpoint) explainAnswer(answer rpc.Error) *Error {
	text := answer.Error()
	switch {
	case text == textDenied:
		return fail(Denied, "%s denied the request", e)
	case text == accounts.ErrUnknownAccount.Error():
		return fail(NoAccount, "%s does not have the account", e)
	case answer.ErrorCode() == codeNoMethod:
		return fail(BadAnswer, "%s does not speak clef's protocol", e)
	case answer.ErrorCode() == codeTimeout:
		return fail(TooSlow, "%s stopped waiting for an approval, over HTTP after 30 seconds, over its socket never", e)
	}
	return fail(Refused, "%s refused the request (%.300q)", e, text)
}
