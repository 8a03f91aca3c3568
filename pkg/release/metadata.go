package release

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/ipfs/go-cid"
	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/plaintext"
	"github.com/opengpu-network/templates/pkg/strictjson"
)

// MetadataSchema names the form of the metadata's Stamp. It changes when a
// reader of the old form would misread the new one.
const MetadataSchema = "ogpu-tpl/metadata/v1"

// schemaFamily begins the schema of every stamp, of whatever version.
const schemaFamily = "ogpu-tpl/metadata/"

// Limits on metadata, which strangers write.
const (
	// MaxMetadataBytes is the size up to which metadata is read, in bytes.
	MaxMetadataBytes = 1 << 20
	// MaxFiles is how many files a release has at most.
	MaxFiles = 64
	// MaxFileBytes is the size of the largest file of a release, in bytes.
	MaxFileBytes = 16 << 20
)

// Metadata is what a source's imageMetadataUrl leads to: the six keys that the
// network's readers use, and one that says which release it is. The URL of an
// environment that the source does not support is an empty string.
type Metadata struct {
	CPU         string `json:"cpu"`
	NVIDIA      string `json:"nvidia"`
	AMD         string `json:"amd"`
	Name        string `json:"name"`
	Description string `json:"description"`
	LogoURL     string `json:"logoUrl"`
	// Template is nil in metadata that this program did not make. That it is
	// there proves nothing: anybody can write anything.
	Template *Stamp `json:"template,omitempty"`
}

// Stamp says which release of which template a source is, and what is known
// of it besides its bytes.
type Stamp struct {
	// Schema is MetadataSchema.
	Schema  string `json:"schema"`
	Name    string `json:"name"`
	Version string `json:"version"`
	// Digest is the release digest: the sha256 of Sums, as "sha256:<hex>".
	Digest string `json:"digest"`
	// Files are all files of the release, sorted by their paths.
	Files []HostedFile `json:"files"`
	// Environments are the compose files and the hardware that they need, by
	// the environments' names, as release.json has them.
	Environments map[string]Environment `json:"environments"`
	About
}

// HostedFile is one file of a release, and where it is.
type HostedFile struct {
	File
	URL string `json:"url"`
}

// About is what is known of a release besides its bytes. It may differ between
// two times that the same version is frozen.
type About struct {
	// Exceptions are the environments without a smoke record, each with the
	// reason.
	Exceptions map[string]string `json:"exceptions,omitempty"`
	// Marks are what a real network would have refused; devnet only.
	Marks  []string `json:"marks,omitempty"`
	Origin Origin   `json:"origin"`
}

// Origin is where a release was built from.
type Origin struct {
	// Repository is the https URL of the repository, empty when unknown.
	Repository string `json:"repository,omitempty"`
	// Commit is the full hash of the commit, empty when the template is in none.
	Commit string `json:"commit,omitempty"`
	// Modified is true when the template's folder differs from the commit.
	Modified bool `json:"modified,omitempty"`
	// Tool is the version of the program.
	Tool string `json:"tool"`
}

// MetadataOf makes the metadata of a release whose files have links, by their
// paths. It is an error when a file has none.
func MetadataOf(t *catalog.Template, r *Release, links map[string]string, about About) ([]byte, error) {
	m := Metadata{
		CPU: links[catalog.ComposePath(catalog.CPU)], NVIDIA: links[catalog.ComposePath(catalog.NVIDIA)], AMD: links[catalog.ComposePath(catalog.AMD)],
		Name: t.Manifest.Title, Description: t.Manifest.Description,
		Template: &Stamp{
			Schema: MetadataSchema, Name: r.Name, Version: r.Version, Digest: r.Digest,
			Environments: r.Statement.Environments, About: about,
		},
	}
	for _, f := range r.Files {
		if links[f.Path] == "" {
			return nil, fmt.Errorf("there is no link to %s", f.Path)
		}
		if f.IsLogo() {
			m.LogoURL = links[f.Path]
		}
		m.Template.Files = append(m.Template.Files, HostedFile{f, links[f.Path]})
	}
	data, err := encode(m)
	if err != nil {
		return nil, err
	}
	if err := m.presentable(data); err != nil {
		return nil, err
	}
	return data, nil
}

// presentable returns an error unless everything that the metadata says may be printed
// as it is. Lint has judged the template; what goes out for good is judged once more,
// wherever it came from.
func (m *Metadata) presentable(data []byte) error {
	var all any
	if err := json.Unmarshal(data, &all); err != nil {
		return err
	}
	refuse := func(what string, err error) error {
		return fmt.Errorf("the metadata cannot be published: its %s %w: correct it in the template, where ogpu-tpl lint shows it", what, err)
	}
	if err := plaintext.Error(m.Name, plaintext.Name); err != nil {
		return refuse("name", err)
	}
	var walk func(what string, value any) error
	walk = func(what string, value any) error {
		switch value := value.(type) {
		case string:
			if err := plaintext.Error(value, plaintext.Line); err != nil {
				return refuse(what, err)
			}
		case []any:
			for _, item := range value {
				if err := walk(what, item); err != nil {
					return err
				}
			}
		case map[string]any:
			for _, key := range slices.Sorted(maps.Keys(value)) {
				if err := plaintext.Error(key, plaintext.Name); err != nil {
					return refuse(what, err)
				}
				if err := walk(key, value[key]); err != nil {
					return err
				}
			}
		}
		return nil
	}
	return walk("content", all)
}

// Compose yields each environment, in the order cpu, nvidia, amd, with the URL of
// its compose file, which is empty where there is none.
func (m *Metadata) Compose() iter.Seq2[catalog.Environment, string] {
	return func(yield func(catalog.Environment, string) bool) {
		_ = yield(catalog.CPU, m.CPU) && yield(catalog.NVIDIA, m.NVIDIA) && yield(catalog.AMD, m.AMD)
	}
}

// Sums is the release's SHA256SUMS, made of the list of files.
func (s *Stamp) Sums() []byte {
	files := make([]File, len(s.Files))
	for i, f := range s.Files {
		files[i] = f.File
	}
	return sums(files)
}

// ParseMetadata reads metadata, a stranger's too: that has the six keys, of which
// any may be missing, and whatever else. A stamp of this program is checked: its
// form, and that its digest is that of its list of files. A stamp of another
// form, or one that contradicts itself, is an error, whereas a key `template`
// that is no stamp at all is passed over. Whether what is said is true is for the
// caller to find out.
func ParseMetadata(data []byte) (*Metadata, error) {
	if len(data) > MaxMetadataBytes {
		return nil, fmt.Errorf("the metadata is larger than %d bytes", MaxMetadataBytes)
	}
	// Keys are looked up here because encoding/json takes CPU for cpu.
	var keys map[string]json.RawMessage
	if err := strictjson.Unmarshal(data, &keys); err != nil {
		return nil, fmt.Errorf("the metadata cannot be read: %w", err)
	}
	if keys == nil {
		return nil, errors.New("the metadata cannot be read: it is null")
	}
	m := &Metadata{}
	for _, text := range []struct {
		key   string
		value *string
	}{
		{"cpu", &m.CPU}, {"nvidia", &m.NVIDIA}, {"amd", &m.AMD}, {"name", &m.Name}, {"description", &m.Description}, {"logoUrl", &m.LogoURL},
	} {
		if raw := keys[text.key]; raw != nil && json.Unmarshal(raw, text.value) != nil {
			return nil, fmt.Errorf("the metadata cannot be read: %s is no text", text.key)
		}
	}
	var form struct{ Schema any }
	raw := keys["template"]
	if raw == nil || json.Unmarshal(raw, &form) != nil {
		return m, nil
	}
	schema, _ := form.Schema.(string)
	if !strings.HasPrefix(schema, schemaFamily) {
		return m, nil
	}
	if schema != MetadataSchema {
		return nil, fmt.Errorf("the metadata has the form %.60q, not %q: use the version of ogpu-tpl that knows it", schema, MetadataSchema)
	}
	if err := json.Unmarshal(raw, &m.Template); err != nil {
		return nil, fmt.Errorf("the metadata's template cannot be read: %w", err)
	}
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("the metadata contradicts itself: %w", err)
	}
	return m, nil
}

var (
	// paths are below a folder on every system, and need no quoting in a shell.
	paths   = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*$`)
	hex256  = regexp.MustCompile(`^[0-9a-f]{64}$`)
	commits = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})?$`)
)

// check holds the parts of stamped metadata against each other.
func (m *Metadata) check() error {
	s := m.Template
	if !catalogName.MatchString(s.Name) {
		return errors.New("the template's name is none")
	}
	if _, err := catalog.ParseVersion(s.Version); err != nil {
		return fmt.Errorf("%.60q is no version", s.Version)
	}
	if len(s.Files) == 0 || len(s.Files) > MaxFiles {
		return fmt.Errorf("it lists %d files", len(s.Files))
	}
	urls := map[string]string{}
	for i, f := range s.Files {
		if err := checkPath(f.Path); err != nil {
			return err
		}
		if i > 0 && s.Files[i-1].Path >= f.Path {
			return errors.New("its files are not sorted by their paths")
		}
		if _, err := cid.Decode(f.CID); err != nil || !hex256.MatchString(f.SHA256) || f.Size < 0 || f.Size > MaxFileBytes || f.URL == "" {
			return fmt.Errorf("size, digest, CID or URL of %s is none", f.Path)
		}
		urls[f.Path] = f.URL
	}
	sum := sha256.Sum256(s.Sums())
	if s.Digest != digestPrefix+hex.EncodeToString(sum[:]) {
		return errors.New("its digest is not that of its files")
	}
	for environment, url := range m.Compose() {
		if name := catalog.ComposePath(environment); urls[name] != url || (url != "") != (s.Environments[environment.String()].Compose == name) {
			return fmt.Errorf("what it says of the environment %s does not agree", environment)
		}
	}
	for name := range s.Environments {
		if _, err := catalog.ParseEnvironment(name); err != nil {
			return errors.New("it has an environment that nobody knows")
		}
	}
	if !commits.MatchString(s.Origin.Commit) {
		return fmt.Errorf("%.80q is no commit", s.Origin.Commit)
	}
	return nil
}

// checkPath says why a path must not be that of a file of a release, or nothing.
func checkPath(name string) error {
	if !fs.ValidPath(name) || !paths.MatchString(name) || len(name) > 100 || name == SumsFile {
		return fmt.Errorf("%.110q is no path of a release's file", name)
	}
	return nil
}
