package release

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gofrs/flock"
	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/finding"
	"github.com/opengpu-network/templates/pkg/strictjson"
)

// ReleasesFile names, in a template's folder, the digest of each version that
// was released, as a JSON object. Publishing writes it. It is a note of what is
// on the chain, and no part of a release. It does not tell networks apart: a
// version has the same bytes on all of them. The devnet is not noted.
const ReleasesFile = "releases.json"

// MaxReleasesBytes is the size up to which it is read, in bytes.
const MaxReleasesBytes = 1 << 20

// releasesForm says how the file must look.
const releasesForm = `it must be an object such as {"1.2.3": "sha256:<64 hex digits>"}`

// ruleReleases is what the file breaks when it does not have its form.
const ruleReleases = "syntax/releases"

var digests = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

// Released reads the releases of the template in the folder dir: digests by their
// versions. There are none without the file. Whatever is wrong with the file is an
// error: who takes a released version for a new one gives it other bytes.
func Released(dir string) (map[string]string, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return released(root)
}

// ReleasedProblem is an error of Released as a finding; display is how findings name
// the template's folder.
func ReleasedProblem(display string, err error) finding.Finding {
	at := finding.Position{File: path.Join(filepath.ToSlash(display), ReleasesFile), Line: 1, Column: 1}
	var wrong *formError
	if errors.As(err, &wrong) {
		at.Line, at.Column = wrong.line, wrong.column
	}
	return finding.Finding{Rule: ruleReleases, Message: err.Error(), Position: at}
}

func released(root *os.Root) (map[string]string, error) {
	text, err := readReleased(root)
	if text == nil && err == nil {
		return map[string]string{}, nil
	}
	if err != nil {
		return nil, err
	}
	return ParseReleased(text)
}

// ReadReleased reads the text of the releases.json in the folder dir, for
// ParseReleased. It is nil without the file.
func ReadReleased(dir string) ([]byte, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return readReleased(root)
}

func readReleased(root *os.Root) ([]byte, error) {
	// Opening a named pipe would wait for its writer: look before opening.
	info, err := root.Lstat(ReleasesFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is no regular file")
	}
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", ReleasesFile, err)
	}
	file, err := root.Open(ReleasesFile)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", ReleasesFile, err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, MaxReleasesBytes+1))
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", ReleasesFile, err)
	}
	return data, nil
}

// ParseReleased is Released for the text of a releases.json, wherever it is from.
func ParseReleased(data []byte) (map[string]string, error) {
	if len(data) > MaxReleasesBytes {
		return nil, fmt.Errorf("%s is larger than %d bytes", ReleasesFile, MaxReleasesBytes)
	}
	var all map[string]string
	if err := strictjson.Unmarshal(data, &all); err != nil {
		return nil, misformed(data, err)
	}
	if all == nil {
		return nil, misformed(data, errors.New("it is null"))
	}
	for _, version := range slices.Sorted(maps.Keys(all)) {
		if err := checkReleased(version, all[version]); err != nil {
			return nil, misformed(data, err)
		}
	}
	return all, nil
}

// formError is what is wrong with the text of the file, and where: line and column
// count from one.
type formError struct {
	err          error
	line, column int
}

func (e *formError) Error() string {
	return fmt.Sprintf("%s cannot be read: %s: %s", ReleasesFile, e.err, releasesForm)
}

func (e *formError) Unwrap() error { return e.err }

func misformed(data []byte, err error) error {
	line, column := place(data, wrongAt(data))
	return &formError{err, line, column}
}

// place is the line and the column of an offset.
func place(data []byte, offset int) (line, column int) {
	before := data[:min(offset, len(data))]
	start := bytes.LastIndexByte(before, '\n') + 1
	return bytes.Count(before, []byte("\n")) + 1, utf8.RuneCount(before[start:]) + 1
}

// nextAt is the offset at which a decoder's next token starts, behind blanks and
// separators.
func nextAt(data []byte, decoder *json.Decoder) int {
	rest := bytes.TrimLeft(data[decoder.InputOffset():], " \t\r\n:,")
	return len(data) - len(rest)
}

// LocateReleased is where the entry of a version stands in the text of a releases.json
// that ParseReleased reads, or where the entries begin when it is not there; display is
// how findings name the template's folder.
func LocateReleased(display string, text []byte, version string) finding.Position {
	at := finding.Position{File: path.Join(filepath.ToSlash(display), ReleasesFile)}
	decoder := json.NewDecoder(bytes.NewReader(text))
	at.Line, at.Column = place(text, nextAt(text, decoder))
	if _, err := decoder.Token(); err != nil {
		return at
	}
	for decoder.More() {
		start := nextAt(text, decoder)
		key, err := decoder.Token()
		var digest string
		if err != nil || decoder.Decode(&digest) != nil {
			return at
		}
		if key == version {
			at.Line, at.Column = place(text, start)
			at.EndLine, at.EndColumn = place(text, int(decoder.InputOffset()))
			return at
		}
	}
	return at
}

// wrongAt is the offset of the first entry that is not right, or of what is no entry.
func wrongAt(data []byte) int {
	decoder, seen := json.NewDecoder(bytes.NewReader(data)), map[string]bool{}
	next := func() int { return nextAt(data, decoder) }
	at := next()
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return at
	}
	for decoder.More() {
		at = next()
		key, err := decoder.Token()
		version, ok := key.(string)
		folded := strings.ToLower(strings.ToUpper(version)) // as strictjson has it
		if err != nil || !ok || seen[folded] {
			return at
		}
		seen[folded] = true
		value := next()
		var digest string
		if err := decoder.Decode(&digest); err != nil {
			return value
		}
		if checkReleased(version, digest) != nil {
			return at
		}
	}
	at = next()
	if _, err := decoder.Token(); err != nil {
		return at
	}
	return next()
}

func checkReleased(version, digest string) error {
	if _, err := catalog.ParseVersion(version); err != nil {
		return fmt.Errorf("%.60q is no version", version)
	}
	if !digests.MatchString(digest) {
		return fmt.Errorf("%.80q is no digest of version %s", digest, version)
	}
	return nil
}

// AddReleased notes in the template's folder dir that a version was released with
// a digest. Other versions stay as they are; the file is replaced whole, or not at
// all. To note the same again does nothing, and it is an error when the version
// stands there with another digest.
func AddReleased(dir, version, digest string) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("the release of %s cannot be noted: %w", version, err)
		}
	}()
	if err := checkReleased(version, digest); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	// Two that note something at once must not lose what the other writes. The
	// folder itself is locked, so that no other file stands in it.
	lock := flock.New(dir, flock.SetFlag(os.O_RDONLY))
	if err := lock.Lock(); err != nil {
		return err
	}
	defer lock.Unlock()
	all, err := released(root)
	if err != nil {
		return err
	}
	switch before, known := all[version]; {
	case before == digest:
		return nil
	case known:
		return fmt.Errorf("it was released as %s before, and is %s now: give it a new version", before, digest)
	}
	all[version] = digest
	text, err := encode(all)
	if err != nil {
		return err
	}
	return replace(root, ReleasesFile, text)
}

// replace writes a file by replacing it. What dies in between leaves the old one.
func replace(root *os.Root, name string, data []byte) error {
	temporary := temporaryName(name)
	file, err := root.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = root.Rename(temporary, name)
	}
	if err != nil {
		_ = root.Remove(temporary)
	}
	return err
}

func temporaryName(name string) string {
	return name + ".ogpu-tpl-" + rand.Text()
}
