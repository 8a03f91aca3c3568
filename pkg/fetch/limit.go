package fetch

import (
	"io"
	"net/http"
)

// LimitBody ends a body with the error over when it is read on after so many
// bytes.
func LimitBody(body io.ReadCloser, most int, over error) io.ReadCloser {
	return &limitedBody{body, most, over}
}

type limitedBody struct {
	io.ReadCloser
	left int
	over error
}

func (b *limitedBody) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, b.over
	}
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// LimitAnswers does the same to the bodies of all answers.
func LimitAnswers(transport http.RoundTripper, most int, over error) http.RoundTripper {
	return &limitedAnswers{transport, most, over}
}

type limitedAnswers struct {
	http.RoundTripper
	most int
	over error
}

func (l *limitedAnswers) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := l.RoundTripper.RoundTrip(request)
	if err == nil {
		response.Body = LimitBody(response.Body, l.most, l.over)
	}
	return response, err
}

// CloseIdleConnections is what http.Client looks for.
func (l *limitedAnswers) CloseIdleConnections() {
	if closer, ok := l.RoundTripper.(interface{ CloseIdleConnections() }); ok {
		closer.CloseIdleConnections()
	}
}
