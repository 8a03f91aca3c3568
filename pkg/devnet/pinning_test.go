package devnet_test

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/ipfs/go-cid"
	"github.com/opengpu-network/templates/pkg/devnet"
	"github.com/opengpu-network/templates/pkg/fetch"
	"github.com/opengpu-network/templates/pkg/host"
)

// What is uploaded as to OpenGPU's own service comes back from the gateway, which
// the uploader proves itself.
func TestUploader(t *testing.T) {
	d := start(t, devnet.Options{})
	fetcher := &fetch.Fetcher{AllowLoopback: true, Timeout: patience}
	pinning, err := host.NewPinning(d.PinningURL(), d.GatewayURL(), fetcher)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"cpu.yml":       []byte("services: {}\n"),
		"metadata.json": []byte(`{"cpu": "https://example.com/cpu.yml"}`),
		"empty":         {},
		"blocks.bin":    bytes.Repeat([]byte("two blocks and a half"), 32<<10),
		"largest.bin":   make([]byte, host.MaxBytes),
	} {
		t.Run(name, func(t *testing.T) {
			uploader := host.Uploader{Host: pinning, Fetcher: fetcher}
			link, err := uploader.Put(patient(t), name, data)
			if err != nil {
				t.Fatal(err)
			}
			if want := d.GatewayURL() + "/ipfs/" + link.CID; link.URL != want {
				t.Errorf("the link is %s, not %s", link.URL, want)
			}
			// Again, by another uploader: the same link.
			again, err := (&host.Uploader{Host: pinning, Fetcher: fetcher}).Put(patient(t), name, data)
			if err != nil || again.URL != link.URL {
				t.Errorf("the second time the link is %s (%v)", again.URL, err)
			}
		})
	}
}

// upload sends a form and returns the status and the body of the answer.
func upload(t *testing.T, url, contentType string, body io.Reader, headers ...string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(patient(t), http.MethodPost, url, body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", contentType)
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(answer)
}

// content is what the files of forms hold, and contentCID what `ipfs add` says of it.
const (
	content    = "hello world\n"
	contentCID = "QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o"
)

// form is a form whose parts are files of these names.
func form(t *testing.T, names ...string) (string, *bytes.Buffer) {
	t.Helper()
	var body bytes.Buffer
	writer := multipart.NewWriter(&body)
	for _, name := range names {
		part, err := writer.CreateFormFile(name, "a.txt")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(part, content); err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return writer.FormDataContentType(), &body
}

func TestUploadsThatAreRefused(t *testing.T) {
	d := start(t, devnet.Options{})
	twoType, two := form(t, "file", "file")
	otherType, other := form(t, "data")
	noneType, none := form(t)
	cutType, cut := form(t, "file")
	cut.Truncate(cut.Len() - 20)
	fromType, from := form(t, "file")
	largeType, large := form(t, "file")
	large = bytes.NewBuffer(bytes.Replace(large.Bytes(), []byte("\r\n\r\n"), append([]byte("\r\n\r\n"), make([]byte, host.MaxBytes)...), 1))
	for name, c := range map[string]struct {
		contentType string
		body        io.Reader
		headers     []string
		want        int
	}{
		"two files":         {twoType, two, nil, http.StatusBadRequest},
		"another name":      {otherType, other, nil, http.StatusBadRequest},
		"no part":           {noneType, none, nil, http.StatusBadRequest},
		"no form":           {"application/json", strings.NewReader("{}"), nil, http.StatusBadRequest},
		"half a form":       {cutType, cut, nil, http.StatusBadRequest},
		"a page's form":     {fromType, from, []string{"Origin", "https://page.example", "Sec-Fetch-Site", "cross-site"}, http.StatusForbidden},
		"more than fits in": {largeType, large, nil, http.StatusRequestEntityTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			if status, answer := upload(t, d.PinningURL(), c.contentType, c.body, c.headers...); status != c.want {
				t.Errorf("status %d, want %d: %s", status, c.want, answer)
			}
		})
	}
}

func TestGateway(t *testing.T) {
	d := start(t, devnet.Options{})
	contentType, body := form(t, "file")
	status, answer := upload(t, d.PinningURL(), contentType, body)
	var said map[string]string
	if err := json.Unmarshal([]byte(answer), &said); err != nil || status != http.StatusCreated || len(said) != 1 {
		t.Fatalf("status %d: %s (%v)", status, answer, err)
	}
	const id = contentCID
	known, err := cid.Decode(id)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		method, path, host string
		want               int
	}{
		{"GET", "/ipfs/" + id, "", http.StatusOK},
		{"HEAD", "/ipfs/" + id, "", http.StatusOK},
		{"GET", "/ipfs/" + cid.NewCidV1(cid.DagProtobuf, known.Hash()).String(), "", http.StatusOK},
		{"GET", "/ipfs/" + cid.NewCidV1(cid.Raw, known.Hash()).String(), "", http.StatusNotFound},
		{"POST", "/ipfs/" + id, "", http.StatusMethodNotAllowed},
		{"DELETE", "/ipfs/" + id, "", http.StatusMethodNotAllowed},
		{"GET", "/ipfs/" + id, "rebound.example", http.StatusForbidden},
		{"GET", "/ipfs/" + id, "localhost:80", http.StatusOK},
		{"GET", "/ipfs/QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH", "", http.StatusNotFound},
		{"GET", "/ipfs/nonsense", "", http.StatusNotFound},
		{"GET", "/ipfs/" + id + "/inside", "", http.StatusNotFound},
		{"GET", "/ipfs/", "", http.StatusNotFound},
		{"GET", "/", "", http.StatusNotFound},
		{"GET", "/file/create", "", http.StatusMethodNotAllowed},
	} {
		request, err := http.NewRequestWithContext(patient(t), c.method, d.GatewayURL()+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = c.host
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil || response.StatusCode != c.want {
			t.Errorf("%s %s at %q: status %d, want %d (%v)", c.method, c.path, c.host, response.StatusCode, c.want, err)
		}
		if c.want == http.StatusOK {
			header := response.Header
			if header.Get("X-Content-Type-Options") != "nosniff" || header.Get("Content-Type") != "text/plain; charset=utf-8" || header.Get("Content-Security-Policy") == "" {
				t.Errorf("the headers are %v", header)
			}
			if c.method == "GET" && string(got) != content {
				t.Errorf("the content is %q", got)
			}
		}
	}
	if said["link"] != d.GatewayURL()+"/ipfs/"+id {
		t.Errorf("the link is %s", said["link"])
	}
}
