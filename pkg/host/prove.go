package host

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/opengpu-network/templates/pkg/fetch"
)

// check judges a link without asking anybody.
func (u *Uploader) check(link string, file File) error {
	target, err := u.fetcher().CheckURL(link)
	if err == nil {
		err = u.Host.Check(target, file)
	}
	return u.explain(err, file, link, proving)
}

// proveOnce fetches a file back and compares it.
func (u *Uploader) proveOnce(ctx context.Context, link string, file File) error {
	if err := u.check(link, file); err != nil {
		return err
	}
	fetcher := *u.fetcher()
	// A README that begins with a tag is called a page by many gateways, so pages
	// are told by their bytes.
	fetcher.AllowPages = true
	fetcher.Follow = func(_, to *url.URL) error { return u.Host.Check(to, file) }
	answer, err := fetcher.Get(ctx, link, int64(len(file.Data)))
	if err == nil {
		err = compare(answer, file.Data)
	}
	return u.explain(err, file, link, proving)
}

// compare tells the ways apart in which an answer is not the file.
func compare(answer fetch.Response, want []byte) error {
	got := answer.Body
	switch {
	case bytes.Equal(got, want):
		return nil
	case len(got) < len(want) && bytes.HasPrefix(want, got):
		return &Error{Kind: Differs, Err: fmt.Errorf("only the first %d of %d bytes come back", len(got), len(want))}
	case answer.IsPage() || strings.HasPrefix(http.DetectContentType(got), "text/html"):
		return &Error{Kind: Page, Err: errors.New("a web page comes back in place of the file")}
	}
	same := 0
	for same < min(len(got), len(want)) && got[same] == want[same] {
		same++
	}
	return &Error{Kind: Differs, Err: fmt.Errorf("other bytes come back, from byte %d on", same+1)}
}
