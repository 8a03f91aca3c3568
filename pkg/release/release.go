// Package release freezes one version of a template into files whose bytes can
// never change. It knows neither where they are served from nor the chain.
package release

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/compose"
	"github.com/opengpu-network/templates/pkg/ipfs"
)

// The names of the files of a release.
const (
	StatementFile = "release.json"
	ReadmeFile    = "README.md"
	SumsFile      = "SHA256SUMS"
	// logoName is followed by the picture's format, whatever the template calls
	// the file.
	logoName = "logo."
)

// digestPrefix begins every digest, as those of images.
const digestPrefix = "sha256:"

// File is one file of a release.
type File struct {
	// Path is below the release's folder, with forward slashes.
	Path string `json:"path"`
	// Size in bytes.
	Size int `json:"size"`
	// SHA256 in hex.
	SHA256 string `json:"sha256"`
	// CID is the one that a default `ipfs add` gives.
	CID  string `json:"cid"`
	Data []byte `json:"-"`
}

// IsLogo is true for the picture that metadata links to as logoUrl.
func (f File) IsLogo() bool { return strings.HasPrefix(f.Path, logoName) }

// Release is one version of a template as files.
type Release struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	// Digest is the sha256 of Sums, as "sha256:<hex>". It covers all files.
	Digest string `json:"digest"`
	// Files are sorted by their paths.
	Files []File `json:"files"`
	// Statement is release.json.
	Statement *Statement `json:"-"`
}

// Freeze makes a release of a template and the resolved models of all its
// environments. The same content gives the same bytes everywhere, at any time.
// Each compose file is read back before it counts; see readBack.
func Freeze(ctx context.Context, t *catalog.Template, projects map[catalog.Environment]*compose.Project) (*Release, error) {
	files := map[string][]byte{}
	for _, environment := range t.Manifest.Environments.List() {
		name, project := catalog.ComposePath(environment), projects[environment]
		if project == nil {
			return nil, fmt.Errorf("the environment %s has no compose file", environment)
		}
		text, err := encode(project.Canonical)
		if err == nil {
			err = readBack(ctx, text, project)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		files[name] = text
	}
	text, err := encode(statement(t))
	if err != nil {
		return nil, err
	}
	files[StatementFile] = text
	files[ReadmeFile] = plain([]byte(t.Readme))
	if t.Logo != nil {
		logo := t.Logo.Data
		if t.Logo.Format == "svg" {
			logo = plain(logo)
		}
		files[logoName+t.Logo.Format] = logo
	}
	return FromFiles(files)
}

// plain is a text as it was committed: a checkout may have changed its line ends
// and begun it with a byte order mark.
func plain(text []byte) []byte {
	return bytes.ReplaceAll(bytes.TrimPrefix(text, []byte("\uFEFF")), []byte("\r\n"), []byte("\n"))
}

// FromFiles makes the release that files are, by their paths: every size, digest
// and CID is computed, and release.json read. It is how a release that was fetched
// is checked: its Digest is the one that counts, whatever was said of the files.
// It is an error when one is missing or too many.
func FromFiles(files map[string][]byte) (*Release, error) {
	text, ok := files[StatementFile]
	if !ok {
		return nil, fmt.Errorf("there is no %s", StatementFile)
	}
	s, err := ParseStatement(text)
	if err != nil {
		return nil, err
	}
	known := map[string]bool{StatementFile: true, ReadmeFile: true, logoName + "svg": true, logoName + "png": true}
	required := []string{ReadmeFile}
	for _, e := range s.Environments {
		known[e.Compose] = true
		required = append(required, e.Compose)
	}
	for _, name := range required {
		if _, ok := files[name]; !ok {
			return nil, fmt.Errorf("there is no %s", name)
		}
	}
	r := &Release{Name: s.Name, Version: s.Version, Statement: s}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if !known[name] {
			return nil, fmt.Errorf("%.110q is no file of this release", name)
		}
		if len(files[name]) > MaxFileBytes {
			return nil, fmt.Errorf("%s is larger than %d bytes", name, MaxFileBytes)
		}
		sum := sha256.Sum256(files[name])
		cid, err := ipfs.FileCID(bytes.NewReader(files[name]))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		r.Files = append(r.Files, File{name, len(files[name]), hex.EncodeToString(sum[:]), cid.String(), files[name]})
	}
	sum := sha256.Sum256(r.Sums())
	r.Digest = digestPrefix + hex.EncodeToString(sum[:])
	return r, nil
}

// Sums is the list of files in the form of sha256sum, which checks it. Its own
// sha256 is the release's digest.
func (r *Release) Sums() []byte { return sums(r.Files) }

func sums(files []File) []byte {
	var list bytes.Buffer
	for _, f := range files {
		fmt.Fprintf(&list, "%s  %s\n", f.SHA256, f.Path)
	}
	return list.Bytes()
}

// encode writes JSON, which is YAML too: its form is fixed for good, whereas a
// YAML library may find a nicer one tomorrow.
func encode(value any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return escape(text.Bytes()), nil
}

// escape writes the characters that YAML does not print, or takes for line ends,
// as JSON's escapes, which mean the same to both. Beyond U+FFFF they do not: YAML
// knows no surrogates, and prints all that is there.
func escape(text []byte) []byte {
	var escaped bytes.Buffer
	for _, r := range string(text) {
		switch {
		case r == '\n' || r >= ' ' && r < 0x7F || r >= 0xA0 && r <= 0xD7FF && r != 0x2028 && r != 0x2029 || r >= 0xE000 && r <= 0xFFFD && r != 0xFEFF || r > 0xFFFF:
			escaped.WriteRune(r)
		default:
			fmt.Fprintf(&escaped, "\\u%04x", r)
		}
	}
	return escaped.Bytes()
}
