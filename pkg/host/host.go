// Package host puts files where the public can fetch them, and proves it: what
// was uploaded is fetched back through its public link and compared byte for
// byte. It does not know what the bytes mean.
package host

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"regexp"

	"github.com/ipfs/go-cid"
	"github.com/opengpu-network/templates/pkg/ipfs"
)

// MaxBytes is how large a file may be, in bytes. It is held in memory.
const MaxBytes = 16 << 20

// Host is where files are served from. An Uploader does what all hosts have in
// common: it tries again, remembers, fetches back and compares.
type Host interface {
	// String names the host in messages.
	String() string
	// Upload hands a file over, once, and returns its public link. Its error is an
	// *Error or wraps a *fetch.Error.
	Upload(ctx context.Context, file File) (link string, err error)
	// Check tells whether a link is one that this host gives to a file, without
	// asking anybody. It judges the links that Upload returns, those of earlier
	// runs, and redirects. Its error is an *Error.
	Check(link *url.URL, file File) error
}

// File is bytes and their names.
type File struct {
	// Name is a relative path with slashes, such as "cpu.yml".
	Name string
	Data []byte
	// SHA256 is in hexadecimal digits.
	SHA256 string
	// CID is the one of a default `ipfs add`.
	CID cid.Cid
}

// names are those that need no quoting in a URL, a form or a file system.
var names = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*$`)

// NewFile names the bytes. Its error is an *Error of the kind BadFile.
func NewFile(name string, data []byte) (File, error) {
	if len(name) > 255 || !names.MatchString(name) {
		return File{}, &Error{Kind: BadFile, File: name, Err: fmt.Errorf("the name %.300q is no relative path of letters, digits, dots, dashes and underscores", name)}
	}
	if len(data) > MaxBytes {
		return File{}, &Error{Kind: BadFile, File: name, Err: fmt.Errorf("the file is larger than %d MiB", MaxBytes>>20)}
	}
	id, err := ipfs.FileCID(bytes.NewReader(data))
	if err != nil {
		return File{}, &Error{Kind: BadFile, File: name, Err: err}
	}
	sum := sha256.Sum256(data)
	return File{Name: name, Data: data, SHA256: hex.EncodeToString(sum[:]), CID: id}, nil
}
