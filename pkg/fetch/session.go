package fetch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// userAgent says who fetches.
const userAgent = "ogpu-tpl"

// session is one fetch.
type session struct {
	fetcher   *Fetcher
	transport http.RoundTripper
	limit     int64
	upload    *Upload
	// at is the URL that is being fetched, and from the one that redirected
	// there.
	at, from *url.URL
}

func (s *session) follow(ctx context.Context, target *url.URL) (Response, error) {
	most := s.fetcher.Redirects
	if most == 0 {
		most = DefaultRedirects
	}
	s.at = target
	for followed := 0; ; followed++ {
		response, next, err := s.hop(ctx)
		if err != nil || next == nil {
			return response, err
		}
		if followed >= most {
			return Response{}, &Error{Kind: TooManyRedirects, Err: fmt.Errorf("it redirects more than %d times", max(most, 0))}
		}
		s.at, s.from = next, s.at
	}
}

// request makes the request for where the session is.
func (s *session) request(ctx context.Context) (*http.Request, error) {
	method, body := http.MethodGet, []byte(nil)
	if s.upload != nil {
		method, body = http.MethodPost, s.upload.Data
	}
	request, err := http.NewRequestWithContext(ctx, method, s.at.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("User-Agent", userAgent)
	request.Header.Set("Accept-Encoding", "identity")
	if s.upload != nil {
		request.Header.Set("Content-Type", s.upload.ContentType)
		if s.upload.Authorization != "" {
			request.Header.Set("Authorization", s.upload.Authorization)
		}
	}
	return request, nil
}

// hop sends one request. It returns the answer, or where that redirects to.
func (s *session) hop(ctx context.Context) (Response, *url.URL, error) {
	request, err := s.request(ctx)
	if err != nil {
		return Response{}, nil, &Error{Kind: BadURL, Err: err}
	}
	answer, err := s.transport.RoundTrip(request)
	if err != nil {
		return Response{}, nil, err
	}
	defer answer.Body.Close()
	if isRedirect(answer.StatusCode) {
		next, err := s.redirect(answer)
		return Response{}, next, err
	}
	response, err := s.read(answer)
	return response, nil, err
}

func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// redirect judges where an answer redirects to.
func (s *session) redirect(answer *http.Response) (*url.URL, error) {
	location := answer.Header.Get("Location")
	if s.upload != nil {
		return nil, &Error{Kind: Redirected, Err: fmt.Errorf("an upload is redirected to %s: name that address if you trust it", quote(shown(location)))}
	}
	reference, err := s.at.Parse(location)
	if location == "" || err != nil {
		return nil, &Error{Kind: Broken, Err: fmt.Errorf("it redirects to %s, which is no URL", quote(shown(location)))}
	}
	if s.at.Scheme == "https" && reference.Scheme == "http" {
		return nil, &Error{Kind: NotHTTPS, URL: shown(reference.String()), From: s.at.String(), Err: errors.New("the redirect leads from HTTPS to HTTP")}
	}
	next, err := s.fetcher.CheckURL(reference.String())
	if problem := (*Error)(nil); errors.As(err, &problem) {
		problem.From = s.at.String()
		return nil, problem
	}
	if follow := s.fetcher.Follow; follow != nil {
		if err := follow(s.at, next); err != nil {
			return nil, &Error{Kind: Redirected, Err: fmt.Errorf("it redirects to %s: %w", quote(next.String()), err)}
		}
	}
	return next, nil
}

// read takes the body of an answer that is no redirect.
func (s *session) read(answer *http.Response) (Response, error) {
	media, _, err := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	if err != nil {
		media = ""
	}
	status := answer.StatusCode
	if status != http.StatusOK && (s.upload == nil || status != http.StatusCreated) {
		return Response{}, refusal(answer, media)
	}
	if encoding := answer.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		// Unpacking is where a small answer becomes a large one.
		return Response{}, &Error{Kind: Encoded, Err: fmt.Errorf("the answer is packed as %s though nothing of the kind was asked for", quote(encoding))}
	}
	if isPage(media) && !s.fetcher.AllowPages {
		return Response{}, &Error{Kind: Page, MediaType: media, Err: errors.New("the answer is a web page, not data")}
	}
	tooLarge := &Error{Kind: TooLarge, MediaType: media, Err: fmt.Errorf("the answer is larger than %d bytes", s.limit)}
	if answer.ContentLength > s.limit {
		return Response{}, tooLarge
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, s.limit+1))
	if int64(len(body)) > s.limit {
		return Response{}, tooLarge
	}
	if err != nil {
		return Response{}, &brokenOff{after: len(body), err: err}
	}
	return Response{URL: s.at, Status: status, MediaType: media, Body: body}, nil
}

// refusal is the error of an answer whose status is no success.
func refusal(answer *http.Response, media string) *Error {
	problem := &Error{
		Kind: Status, Status: answer.StatusCode, RetryAfter: retryAfter(answer.Header, time.Now()), MediaType: media,
		Err: fmt.Errorf("it answers %s", quote(answer.Status)),
	}
	if !isPage(media) && answer.Header.Get("Content-Encoding") == "" {
		// It is for a person to read: whatever came until an error is enough.
		body, _ := io.ReadAll(io.LimitReader(answer.Body, mostShown))
		problem.Excerpt = strings.TrimSpace(string(body))
	}
	if problem.Excerpt != "" {
		problem.Err = fmt.Errorf("%w: %s", problem.Err, quote(problem.Excerpt))
	}
	return problem
}

func isPage(media string) bool { return media == "text/html" || media == "application/xhtml+xml" }
