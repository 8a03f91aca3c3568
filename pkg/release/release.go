// Package release freezes one version of a template into files whose bytes can
// never change. It knows neither where they are served from nor the chain.
package release

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"unicode/utf16"

	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/compose"
	"github.com/opengpu-network/templates/pkg/ipfs"
)

// Schema names the form of release.json. It changes when a reader of the old
// form would misread the new one.
const Schema = "ogpu-tpl/release/v1"

// The names of the files of a release.
const (
	StatementFile = "release.json"
	ReadmeFile    = "README.md"
	SumsFile      = "SHA256SUMS"
)

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

// Release is one version of a template as files.
type Release struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	// Digest is the sha256 of Sums, as "sha256:<hex>". It covers all files.
	Digest string `json:"digest"`
	// Files are sorted by their paths.
	Files []File `json:"files"`
}

// Statement is release.json: what a provider must know besides the compose
// files, in exact numbers.
type Statement struct {
	Schema  string `json:"schema"`
	Name    string `json:"name"`
	Version string `json:"version"`
	Terms   Terms  `json:"terms"`
	// Environments are those of the template, by name.
	Environments map[string]Environment `json:"environments"`
}

// Terms are the numbers that go on the chain.
type Terms struct {
	// MinPayment and MinAvailableLockup are in wei, as decimal numbers.
	MinPayment         string `json:"minPayment"`
	MinAvailableLockup string `json:"minAvailableLockup"`
	// MaxExpiryDuration in seconds.
	MaxExpiryDuration int64  `json:"maxExpiryDuration"`
	DeliveryMethod    string `json:"deliveryMethod"`
	PrivacyEnabled    bool   `json:"privacyEnabled"`
}

// Environment is one compose file and the hardware that it needs.
type Environment struct {
	Compose  string   `json:"compose"`
	Hardware Hardware `json:"hardware"`
}

// Hardware is what must be free. What the manifest does not state is absent.
type Hardware struct {
	// VRAM, RAM and Disk in bytes.
	VRAM              int64    `json:"vram,omitempty"`
	RAM               int64    `json:"ram,omitempty"`
	Disk              int64    `json:"disk,omitempty"`
	CPUs              float64  `json:"cpus,omitempty"`
	ComputeCapability string   `json:"computeCapability,omitempty"`
	Driver            string   `json:"driver,omitempty"`
	GFX               []string `json:"gfx,omitempty"`
}

// Freeze makes a release of a template and the resolved models of all its
// environments. The same content gives the same bytes everywhere, at any time.
func Freeze(t *catalog.Template, projects map[catalog.Environment]*compose.Project) (*Release, error) {
	m := t.Manifest
	statement := Statement{
		Schema: Schema, Name: t.Name, Version: m.Version,
		Terms: Terms{
			MinPayment: m.Terms.MinPayment.Wei().String(), MinAvailableLockup: m.Terms.MinAvailableLockup.Wei().String(),
			MaxExpiryDuration: m.Terms.MaxExpiryDuration, DeliveryMethod: m.Terms.DeliveryMethod.String(), PrivacyEnabled: m.Terms.PrivacyEnabled,
		},
		Environments: map[string]Environment{},
	}
	files := map[string][]byte{}
	for _, environment := range m.Environments.List() {
		project := projects[environment]
		if project == nil {
			return nil, fmt.Errorf("the environment %s has no compose file", environment)
		}
		name := catalog.ComposePath(environment)
		text, err := encode(project.Canonical)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		h := m.Environments.Get(environment).Hardware
		files[name] = text
		statement.Environments[environment.String()] = Environment{name, Hardware{
			int64(h.VRAM), int64(h.RAM), int64(h.Disk), h.CPUs, h.ComputeCapability, h.Driver, h.GFX,
		}}
	}
	if len(files) == 0 {
		return nil, errors.New("the template has no environment")
	}
	text, err := encode(statement)
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
		files[path.Base(m.Logo)] = logo
	}
	return of(t.Name, m.Version, files)
}

// plain is a text as it was committed: a checkout may have changed its line ends
// and begun it with a byte order mark.
func plain(text []byte) []byte {
	return bytes.ReplaceAll(bytes.TrimPrefix(text, []byte("\uFEFF")), []byte("\r\n"), []byte("\n"))
}

// of lists files with their digests, and takes the digest of the list.
func of(name, version string, files map[string][]byte) (*Release, error) {
	r := &Release{Name: name, Version: version}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		sum := sha256.Sum256(files[name])
		cid, err := ipfs.FileCID(bytes.NewReader(files[name]))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		r.Files = append(r.Files, File{name, len(files[name]), hex.EncodeToString(sum[:]), cid.String(), files[name]})
	}
	sum := sha256.Sum256(r.Sums())
	r.Digest = "sha256:" + hex.EncodeToString(sum[:])
	return r, nil
}

// Sums is the list of files in the form of sha256sum, which checks it. Its own
// sha256 is the release's digest.
func (r *Release) Sums() []byte {
	var list bytes.Buffer
	for _, f := range r.Files {
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
// as JSON's escapes, which mean the same to both.
func escape(text []byte) []byte {
	var escaped bytes.Buffer
	for _, r := range string(text) {
		switch {
		case r == '\n' || r >= ' ' && r < 0x7F || r >= 0xA0 && r <= 0xD7FF && r != 0x2028 && r != 0x2029 || r >= 0xE000 && r <= 0xFFFD && r != 0xFEFF:
			escaped.WriteRune(r)
		case r > 0xFFFF:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&escaped, "\\u%04x\\u%04x", high, low)
		default:
			fmt.Fprintf(&escaped, "\\u%04x", r)
		}
	}
	return escaped.Bytes()
}
