package git

import (
	"bytes"
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"strconv"
	"strings"
)

// The modes that Git gives to what it stores.
const (
	ModeFile       = "100644"
	ModeExecutable = "100755"
	ModeSymlink    = "120000"
	ModeSubmodule  = "160000"
)

// Entry is one file that Git has stored.
type Entry struct {
	Mode string
	// Hash is the name of the content.
	Hash string
	// Path may hold any byte but NUL.
	Path string
	// Skipped is true for an entry of the index that a sparse checkout leaves out.
	Skipped bool
}

// ParseTree reads what `git ls-tree -r -z` prints.
func ParseTree(list []byte) ([]Entry, error) {
	return parse(list, func(fields []string) (Entry, bool) {
		return Entry{Mode: fields[0], Hash: fields[len(fields)-1]}, len(fields) == 3
	})
}

// ParseIndex reads what `git ls-files -z -s -t` prints.
func ParseIndex(list []byte) ([]Entry, error) {
	return parse(list, func(fields []string) (Entry, bool) {
		if len(fields) != 4 {
			return Entry{}, false
		}
		return Entry{Mode: fields[1], Hash: fields[2], Skipped: fields[0] == "S"}, true
	})
}

// parse reads lists of entries: some fields, a tab, and a path that ends with NUL.
func parse(list []byte, read func(fields []string) (Entry, bool)) (entries []Entry, err error) {
	for _, line := range Paths(list) {
		about, path, ok := strings.Cut(line, "\t")
		fields := strings.Fields(about)
		if !ok || len(fields) == 0 {
			return nil, fmt.Errorf("git lists %.60q, which is no entry", line)
		}
		entry, ok := read(fields)
		if !ok {
			return nil, fmt.Errorf("git lists %.60q, which is no entry", line)
		}
		entry.Path = path
		entries = append(entries, entry)
	}
	return entries, nil
}

// Paths reads a list whose entries end with NUL.
func Paths(list []byte) []string {
	text := strings.TrimSuffix(string(list), "\x00")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\x00")
}

// Hash is the name that Git gives to content of size bytes: by SHA-1, or by SHA-256
// in a repository whose names have the length of those, in hex digits.
func Hash(content io.Reader, size int64, length int) (string, error) {
	var h hash.Hash = sha1.New()
	if length == sha256.Size*2 {
		h = sha256.New()
	}
	fmt.Fprintf(h, "blob %d\x00", size)
	_, err := io.Copy(h, io.LimitReader(content, size))
	return hex.EncodeToString(h.Sum(nil)), err
}

// HashFile is Hash of a file below root, without following a link. It is an error
// when the file is no regular one, or larger than limit bytes unless that is 0.
func HashFile(root *os.Root, name string, length int, limit int64) (string, error) {
	// Opening a named pipe would wait for its writer: look before opening.
	info, err := root.Lstat(name)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%q is no regular file", name)
	}
	if limit > 0 && info.Size() > limit {
		return "", fmt.Errorf("%q: %w", name, ErrTooLarge)
	}
	file, err := root.Open(name)
	if err != nil {
		return "", err
	}
	defer file.Close()
	return Hash(file, info.Size(), length)
}

// ErrTooLarge says that content is beyond a limit.
var ErrTooLarge = errors.New("is too large")

// Contents returns the content of each of the given hashes, as it is stored: no
// filter has a part in it. It is ErrTooLarge when one has more than limit bytes, or
// all of them together more than total.
func (r *Repository) Contents(ctx context.Context, hashes []string, limit, total int64) ([][]byte, error) {
	asked := strings.Join(hashes, "\n") + "\n"
	if len(hashes) == 0 {
		return nil, nil
	}
	var sizes, all bytes.Buffer
	if err := run(ctx, r.Top, strings.NewReader(asked), &sizes, "cat-file", "--batch-check=%(objectname) %(objecttype) %(objectsize)"); err != nil {
		return nil, fmt.Errorf("%w; %s", err, makeWhole)
	}
	var sum int64
	for _, line := range strings.Split(strings.TrimSuffix(sizes.String(), "\n"), "\n") {
		_, size, err := header(line)
		if err != nil {
			return nil, err
		}
		if sum += size; size > limit || sum > total {
			return nil, ErrTooLarge
		}
	}
	if err := run(ctx, r.Top, strings.NewReader(asked), &all, "cat-file", "--batch=%(objectname) %(objecttype) %(objectsize)"); err != nil {
		return nil, err
	}
	contents := make([][]byte, 0, len(hashes))
	for _, hash := range hashes {
		line, err := all.ReadString('\n')
		if err != nil {
			return nil, fmt.Errorf("git cat-file: %w", err)
		}
		name, size, err := header(strings.TrimSuffix(line, "\n"))
		if err != nil {
			return nil, err
		}
		content := all.Next(int(size))
		if name != hash || int64(len(content)) != size || len(all.Next(1)) != 1 {
			return nil, fmt.Errorf("git cat-file: answers with something else than %.64q", hash)
		}
		contents = append(contents, content)
	}
	return contents, nil
}

// makeWhole says what to do about a clone that lacks files.
const makeWhole = "a partial clone has to be made whole: clone without --filter, or use git fetch --refetch --no-filter"

// header reads the line that stands before a content.
func header(line string) (name string, size int64, err error) {
	fields := strings.Fields(line)
	if len(fields) == 3 && fields[1] == "blob" {
		size, err = strconv.ParseInt(fields[2], 10, 64)
		return fields[0], size, err
	}
	return "", 0, fmt.Errorf("the repository lacks a file of its own history (git says %.80q); %s", line, makeWhole)
}
