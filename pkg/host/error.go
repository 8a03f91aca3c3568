package host

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/opengpu-network/templates/pkg/fetch"
)

// Kind says what went wrong.
type Kind string

// The kinds.
const (
	// BadFile is a file that no host is given.
	BadFile Kind = "bad-file"
	// Refused is a host that says no: a status of 4xx.
	Refused Kind = "refused"
	// Busy is a host that asks to come back later, and did so each time.
	Busy Kind = "busy"
	// Down is a host that cannot be reached, breaks off, or has a fault.
	Down Kind = "down"
	// Slow is a host that does not answer in full in time.
	Slow Kind = "slow"
	// Untrusted is a host that cannot prove who it is.
	Untrusted Kind = "untrusted"
	// Forbidden is an address that is never fetched from.
	Forbidden Kind = "forbidden"
	// BadAnswer is an answer to an upload that cannot be understood.
	BadAnswer Kind = "bad-answer"
	// BadLink is a link that is not one of this host's.
	BadLink Kind = "bad-link"
	// OtherCID is a link to other content than what was uploaded.
	OtherCID Kind = "other-cid"
	// Missing is a file that did not appear at its link in time.
	Missing Kind = "missing"
	// Page is a web page in place of the file or of the answer.
	Page Kind = "page"
	// Elsewhere is a redirect that leads away from the host.
	Elsewhere Kind = "elsewhere"
	// Differs is a link at which other bytes are.
	Differs Kind = "differs"
	// Interrupted is what the caller ended.
	Interrupted Kind = "interrupted"
	// Failed is a host on this machine that could not be written to.
	Failed Kind = "failed"
)

// remedies say what to do.
var remedies = map[Kind]string{
	BadFile:     "rename the file or make it smaller",
	Refused:     "see what the host says, and whether it wants credentials",
	Busy:        "try again later",
	Down:        "try again later",
	Slow:        "try again later, or allow more time",
	Untrusted:   "check the host's name and this machine's certificates and clock",
	Forbidden:   "name a public HTTPS address",
	BadAnswer:   "check that the address is the host's upload address",
	BadLink:     "check that the gateway belongs to the host, and do not publish this link",
	OtherCID:    "do not publish this link; an IPFS node must add files as its profile legacy-cid-v0 does",
	Missing:     "see whether the host still has it, or allow more time; a Git host has it once the commit is pushed",
	Page:        "see in a browser what the page says",
	Elsewhere:   "name the address that it redirects to, if you trust it",
	Differs:     "do not publish this link: what is there is not what was uploaded",
	Interrupted: "run it again: what was uploaded already is not uploaded twice",
	Failed:      "check the folder's permissions and the free space",
}

// Error is why a file is not served.
type Error struct {
	Kind Kind
	// Host, File and Link are what it is about; each may be empty.
	Host, File, Link string
	Err              error

	// again is true for what may pass, and after how long the host asks to wait.
	again bool
	after time.Duration
}

func (e *Error) Error() string {
	at := ""
	if e.Host != "" {
		at = " at " + e.Host
	}
	return fmt.Sprintf("%.80q%s: %v: %s", e.File, at, e.Err, remedies[e.Kind])
}

func (e *Error) Unwrap() error { return e.Err }

// doing is what was done when an error came up.
type doing bool

const (
	uploading doing = false
	proving   doing = true
)

// explain gives an error its kind and what it is about.
func (u *Uploader) explain(err error, file File, link string, now doing) error {
	if err == nil {
		return nil
	}
	var known *Error
	var fetching *fetch.Error
	switch {
	case errors.As(err, &fetching):
		// A redirect that Check refused has its own kind inside, and leads
		// elsewhere all the same.
		kind, again := kindOf(fetching, now)
		known = &Error{Kind: kind, Err: err, again: again, after: fetching.RetryAfter}
	case !errors.As(err, &known):
		known = &Error{Kind: Failed, Err: err}
	}
	known.Host, known.File = u.Host.String(), file.Name
	if known.Link == "" {
		known.Link = link
	}
	return known
}

// kindOf tells what a failed fetch means for a host, and whether it may pass.
func kindOf(err *fetch.Error, now doing) (kind Kind, again bool) {
	switch err.Kind {
	case fetch.Interrupted:
		return Interrupted, false
	case fetch.TooSlow:
		return Slow, true
	case fetch.DNS, fetch.Unreachable, fetch.Broken:
		return Down, true
	case fetch.TLS:
		return Untrusted, false
	case fetch.Page:
		return Page, false
	case fetch.Redirected, fetch.TooManyRedirects:
		return Elsewhere, false
	case fetch.Status:
		return kindOfStatus(err.Status, now)
	case fetch.TooLarge, fetch.Encoded:
		switch {
		case now == uploading:
			return BadAnswer, false
		case fetch.Response{MediaType: err.MediaType}.IsPage():
			return Page, false
		}
		return Differs, false
	}
	// What is left is a URL or an address that is refused.
	switch {
	case err.From != "":
		return Elsewhere, false
	case now == proving:
		return BadLink, false
	}
	return Forbidden, false
}

func kindOfStatus(status int, now doing) (kind Kind, again bool) {
	switch {
	case status == http.StatusNotFound && now == proving:
		return Missing, true
	case status == http.StatusTooManyRequests, status == http.StatusTooEarly, status == http.StatusRequestTimeout:
		return Busy, true
	case status >= 500:
		return Down, true
	case status >= 400:
		return Refused, false
	}
	return BadAnswer, false
}

// interrupted is the error of a call that its caller ended, and any other as it
// is.
func (u *Uploader) interrupted(ctx context.Context, file File, err error) error {
	var known *Error
	if ctx.Err() == nil || errors.As(err, &known) && known.Kind == Interrupted {
		return err
	}
	cause := context.Cause(ctx)
	if known != nil {
		cause = fmt.Errorf("%w, after: %w", cause, known.Err)
	}
	return &Error{Kind: Interrupted, Host: u.Host.String(), File: file.Name, Err: cause}
}
