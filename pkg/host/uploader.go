package host

import (
	"context"
	"slices"
	"sync"

	"github.com/opengpu-network/templates/pkg/fetch"
)

// Uploader puts files on a host and proves that they are there. It may be used
// by several goroutines at once, and must not be copied.
//
// The same bytes are uploaded once: links that were proven are remembered by the
// bytes' sha256, those of earlier runs are proven anew before they are used, and
// of several calls at once one uploads and the others wait. The gateway is not
// asked for content that nobody has uploaded: that it can find the bytes
// somewhere does not tell that this host keeps them, and gateways remember for
// minutes what they did not find.
type Uploader struct {
	Host Host
	// Fetcher fetches back; nil is one for public addresses. Its AllowPages and
	// Follow are not used.
	Fetcher *fetch.Fetcher
	// Patience is how long the host is given; the zero value is the default.
	Patience Patience
	// Known are links of earlier runs, by the sha256 of the bytes in hexadecimal
	// digits. Those of other hosts do no harm.
	Known map[string][]string

	mu    sync.Mutex
	slots map[string]*slot
}

// slot is what is remembered of the same bytes.
type slot struct {
	// busy holds one value while a call looks after these bytes.
	busy chan struct{}
	// links are proven.
	links []string
}

// Link is where a file is.
type Link struct {
	URL string
	// SHA256 and CID are those of the file, as in File.
	SHA256, CID string
	// Uploaded is false when the bytes were there already.
	Uploaded bool
}

// Put makes sure that a file is served by the host, and returns its link, which
// was fetched from and compared. The error is always an *Error.
func (u *Uploader) Put(ctx context.Context, name string, data []byte) (Link, error) {
	file, err := NewFile(name, data)
	if err != nil {
		return Link{}, err
	}
	s := u.slot(file.SHA256)
	select {
	case s.busy <- struct{}{}:
		defer func() { <-s.busy }()
	case <-ctx.Done():
		return Link{}, u.interrupted(ctx, file, nil)
	}
	link, uploaded, err := u.place(ctx, s, file)
	if err != nil {
		return Link{}, err
	}
	if !slices.Contains(s.links, link) {
		s.links = append(s.links, link)
	}
	return Link{URL: link, SHA256: file.SHA256, CID: file.CID.String(), Uploaded: uploaded}, nil
}

// place finds the file's link, or uploads the file.
func (u *Uploader) place(ctx context.Context, s *slot, file File) (link string, uploaded bool, err error) {
	for _, link := range s.links {
		// The same bytes under another name have another link on some hosts.
		if u.check(link, file) == nil {
			return link, false, nil
		}
	}
	for _, link := range u.Known[file.SHA256] {
		if u.proveOnce(ctx, link, file) == nil {
			return link, false, nil
		}
	}
	link, err = retry(ctx, u.Patience.uploads(), func() (string, error) {
		link, err := u.Host.Upload(ctx, file)
		return link, u.explain(err, file, "", uploading)
	})
	if err != nil {
		return "", false, u.interrupted(ctx, file, err)
	}
	_, err = retry(ctx, u.Patience.proofs(), func() (struct{}, error) {
		return struct{}{}, u.proveOnce(ctx, link, file)
	})
	if err != nil {
		return "", false, u.interrupted(ctx, file, err)
	}
	return link, true, nil
}

func (u *Uploader) slot(sum string) *slot {
	u.mu.Lock()
	defer u.mu.Unlock()
	s := u.slots[sum]
	if s == nil {
		s = &slot{busy: make(chan struct{}, 1)}
		if u.slots == nil {
			u.slots = map[string]*slot{}
		}
		u.slots[sum] = s
	}
	return s
}

func (u *Uploader) fetcher() *fetch.Fetcher {
	if u.Fetcher == nil {
		return &fetch.Fetcher{}
	}
	return u.Fetcher
}
