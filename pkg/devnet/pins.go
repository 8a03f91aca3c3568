package devnet

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/ipfs/go-cid"
	"github.com/opengpu-network/templates/pkg/ipfs"
)

const uploadPath = "/file/create"

// The limits of what is kept, in memory.
const (
	// maxFile is how large a file may be, in bytes, and maxFiles and maxTotal how
	// many there may be and how large together.
	maxFile  = 16 << 20
	maxFiles = 4096
	maxTotal = 256 << 20
	// maxForm is how much a form may have around its file, in bytes.
	maxForm = 64 << 10
	// maxUploads is how many are read at the same time.
	maxUploads = 4
)

// pins does what OpenGPU's pinning service and its gateway do: it takes files and
// serves them by the CID that a default `ipfs add` gives.
type pins struct {
	http.Handler
	base    string
	uploads chan struct{}

	mu    sync.RWMutex
	files map[string][]byte // by the hash of the CID
	total int
}

// newPins serves at a base URL such as http://127.0.0.1:40001.
func newPins(base string) *pins {
	p := &pins{base: base, uploads: make(chan struct{}, maxUploads), files: map[string][]byte{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+uploadPath, p.upload)
	mux.HandleFunc("GET /ipfs/{cid}", p.download) // and HEAD
	// Pages of other origins cannot upload, and names that lead here cannot read.
	p.Handler = onlyLocal(http.NewCrossOriginProtection().Handler(mux))
	return p
}

// onlyLocal refuses requests for a host that is neither an address nor localhost:
// a stranger's name may be made to lead to this machine.
func onlyLocal(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u := url.URL{Host: r.Host}
		if name := u.Hostname(); name != "localhost" && net.ParseIP(name) == nil {
			http.Error(w, "the devnet answers at 127.0.0.1 and localhost only", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// errFull is what a pinning service says that takes no more.
var errFull = errors.New("the devnet's pinning service is full; start it anew")

func (p *pins) upload(w http.ResponseWriter, r *http.Request) {
	select {
	case p.uploads <- struct{}{}:
		defer func() { <-p.uploads }()
	case <-r.Context().Done():
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxFile+maxForm)
	data, err := formFile(r)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		http.Error(w, fmt.Sprintf("the file is larger than %d MiB", maxFile>>20), http.StatusRequestEntityTooLarge)
		return
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	id, err := ipfs.FileCID(bytes.NewReader(data))
	if err == nil {
		err = p.keep(id, data)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInsufficientStorage)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(w).Encode(map[string]string{"link": p.base + "/ipfs/" + id.String()})
}

// formFile reads a form that has one part, the file.
func formFile(r *http.Request) ([]byte, error) {
	form, err := r.MultipartReader()
	if err != nil {
		return nil, err
	}
	part, err := form.NextPart()
	if err != nil {
		return nil, fmt.Errorf(`the form has no part "file": %w`, err)
	}
	if part.FormName() != "file" || part.FileName() == "" {
		return nil, errors.New(`the form's part is not the file of the name "file"`)
	}
	data, err := readPart(part)
	if err != nil {
		return nil, err
	}
	if _, err := form.NextPart(); err == nil {
		return nil, errors.New("the form has more than one part")
	} else if !errors.Is(err, io.EOF) {
		return nil, err
	}
	return data, nil
}

func readPart(part *multipart.Part) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(part, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = &http.MaxBytesError{Limit: maxFile}
	}
	return data, err
}

// keep keeps a file. One that is there already takes no more room.
func (p *pins) keep(id cid.Cid, data []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := string(id.Hash())
	if _, known := p.files[key]; known {
		return nil
	}
	if len(p.files) >= maxFiles || p.total+len(data) > maxTotal {
		return errFull
	}
	p.files[key] = bytes.Clone(data) // without the room that reading took
	p.total += len(data)
	return nil
}

func (p *pins) download(w http.ResponseWriter, r *http.Request) {
	id, err := cid.Decode(r.PathValue("cid"))
	// Files are blocks of dag-pb. The same hash with another codec is another file.
	if err != nil || id.Type() != cid.DagProtobuf {
		http.NotFound(w, r)
		return
	}
	p.mu.RLock()
	data, known := p.files[string(id.Hash())]
	p.mu.RUnlock()
	if !known {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", mediaType(data))
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Security-Policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'")
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	w.Header().Set("ETag", `"`+id.String()+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}

// mediaType is the type of the pictures that viewers show, and of JSON. All else
// is plain text to them.
func mediaType(data []byte) string {
	switch sniffed := http.DetectContentType(data); sniffed {
	case "image/png", "image/jpeg", "image/webp":
		return sniffed
	}
	if json.Valid(data) {
		return "application/json"
	}
	return "text/plain; charset=utf-8"
}
