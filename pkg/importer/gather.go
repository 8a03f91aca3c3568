package importer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"unicode/utf8"

	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/document"
	"github.com/opengpu-network/templates/pkg/fetch"
)

// maxLogoBytes is the size of the largest logo that is taken, in bytes: the
// largest that lint lets pass.
const maxLogoBytes = 256 << 10

// Gatherer gets what a configuration leads to.
type Gatherer struct {
	// Fetcher fetches URLs; nil fetches from public addresses.
	Fetcher *fetch.Fetcher
	// Beside is the folder that the configuration lies in, outside which nothing
	// is opened. It is nil when it lies in none.
	Beside *os.Root
	// Offline fetches nothing. What it would have fetched is missing then.
	Offline bool
}

// Gather reads what a configuration leads to: the metadata first, then the compose
// files, then the logo, without which a template can do. The error is of type
// Problems where several things may be wrong.
func (g Gatherer) Gather(ctx context.Context, config *Config) (*Import, error) {
	if g.Fetcher == nil {
		g.Fetcher = &fetch.Fetcher{}
	}
	i := &Import{Config: *config, Files: map[string][]byte{}}
	i.Compose = maps.Clone(config.Compose)
	problems := g.metadata(ctx, i)
	i.Environments = i.environments()
	if len(problems) == 0 && len(i.Environments) == 0 {
		problems = Problems{"it leads to no compose file: say in imageEnvs where the compose file of cpu, nvidia or amd is"}
	}
	if len(problems) == 0 {
		problems = g.compose(ctx, i)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(problems) > 0 {
		return nil, problems
	}
	g.logo(ctx, i)
	i.fit()
	return i, ctx.Err()
}

// errOffline is why a URL is not fetched.
var errOffline = errors.New("not fetched (--offline)")

// get reads what a reference names, up to so many bytes.
func (g Gatherer) get(ctx context.Context, at Reference, limit int64) ([]byte, error) {
	if !at.IsURL() {
		return g.read(at.Where, limit)
	}
	u, err := g.Fetcher.CheckURL(at.Where)
	if err != nil {
		return nil, err
	}
	if problem := page(u); problem != "" {
		return nil, errors.New(problem)
	}
	if g.Offline {
		return nil, fmt.Errorf("%s: %w", shortURL(u.String()), errOffline)
	}
	response, err := g.Fetcher.Get(ctx, at.Where, limit)
	return response.Body, err
}

// read reads a file beside the configuration.
func (g Gatherer) read(name string, limit int64) ([]byte, error) {
	if g.Beside == nil {
		return nil, fmt.Errorf("%q is a path, but standard input lies in no folder: give the configuration as a file, or a URL that begins with https://", shown(name))
	}
	if !filepath.IsLocal(name) {
		return nil, fmt.Errorf("%q leads out of the configuration's folder: put the file into it, or give a URL that begins with https://", shown(name))
	}
	// Opening a named pipe would wait for its writer: look before opening.
	info, err := g.Beside.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%q is not there: put the file beside the configuration, or give a URL that begins with https://", shown(name))
	case err != nil:
		return nil, fmt.Errorf("%q cannot be read: %w", shown(name), reason(err))
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%q is no plain file", shown(name))
	}
	file, err := g.Beside.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%q cannot be read: %w", shown(name), reason(err))
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return nil, fmt.Errorf("%q cannot be read: %w", shown(name), reason(err))
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("%q is larger than %d bytes", shown(name), limit)
	}
	return data, nil
}

// reason drops the path of a file system error, which may be a private one.
func reason(err error) error {
	var problem *fs.PathError
	if errors.As(err, &problem) {
		return problem.Err
	}
	return err
}

// metadata reads what imageMetadataUrl leads to, for what is not said already.
func (g Gatherer) metadata(ctx context.Context, i *Import) Problems {
	at := i.Metadata
	if at.Where == "" {
		return nil
	}
	data, err := g.get(ctx, at, MaxBytes)
	if err != nil && g.Offline && len(i.environments()) > 0 {
		i.Missing = append(i.Missing, fmt.Sprintf("%s: %v. The name, the compose files and the logo stand there.", shown(at.Key), err))
		return nil
	}
	if err != nil {
		return Problems{fmt.Sprintf("%s: %v", shown(at.Key), err)}
	}
	said, err := parseMetadata(data)
	if several := (Problems)(nil); errors.As(err, &several) {
		return append(Problems{fmt.Sprintf("%s: the metadata there cannot be used:", shown(at.Key))}, several...)
	} else if err != nil {
		return Problems{fmt.Sprintf("%s: the metadata there cannot be used: %v", shown(at.Key), err)}
	}
	if i.Name == "" {
		i.Name = said.Name
	}
	if i.Description == "" {
		i.Description = said.Description
	}
	var problems Problems
	// take is what the metadata says of where something is. Metadata from elsewhere
	// has no say about the files of this machine.
	take := func(r Reference) Reference {
		if at.IsURL() && r.Where != "" && !r.IsURL() {
			problems = append(problems, fmt.Sprintf("%s in the metadata is no URL", r.Key))
		}
		return Reference{Key: r.Key + " in the metadata", Where: r.Where}
	}
	if i.Logo.Where == "" && said.Logo.Where != "" {
		i.Logo = take(said.Logo)
	}
	if len(i.Compose)+len(i.Images) == 0 {
		for _, environment := range catalog.AllEnvironments() {
			if reference, ok := said.Compose[environment]; ok {
				i.Compose[environment] = take(reference)
			}
		}
	}
	return problems
}

// compose gets the compose files.
func (g Gatherer) compose(ctx context.Context, i *Import) (problems Problems) {
	for _, environment := range i.Environments {
		at := i.Compose[environment]
		if at.Where == "" {
			continue
		}
		data, err := g.get(ctx, at, document.MaxBytes)
		if err == nil && !utf8.Valid(data) {
			err = errors.New("is no text in UTF-8")
		}
		file := catalog.ComposePath(environment)
		switch {
		case err != nil && g.Offline:
			i.Missing = append(i.Missing, fmt.Sprintf("%s: %v. It belongs into %s.", shown(at.Key), err, file))
		case err != nil:
			problems = append(problems, fmt.Sprintf("%s: %v", shown(at.Key), err))
		default:
			i.Files[file] = lineEnds(data)
		}
		g.tell(i, at, file+" is what stands there now")
	}
	return problems
}

// lineEnds makes every line end a line feed.
func lineEnds(data []byte) []byte {
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	return append([]byte{}, bytes.ReplaceAll(data, []byte("\r"), []byte("\n"))...)
}

// tell notes a branch or a tag in a URL.
func (g Gatherer) tell(i *Import, at Reference, consequence string) {
	if !at.IsURL() {
		return
	}
	u, err := g.Fetcher.CheckURL(at.Where)
	if err != nil {
		return
	}
	if name := moving(u); name != "" && !g.Offline {
		i.note("%s names the branch or tag %q, whose content can change at any time: %s.", shown(at.Key), shown(name), consequence)
	} else if name != "" {
		i.note("%s names the branch or tag %q, whose content can change at any time.", shown(at.Key), shown(name))
	}
}

// logo gets the logo. A template can do without: what goes wrong is a note.
func (g Gatherer) logo(ctx context.Context, i *Import) {
	at := i.Logo
	if at.Where == "" {
		return
	}
	data, err := g.get(ctx, at, maxLogoBytes)
	name := catalog.LogoFile(data)
	switch {
	case err != nil && g.Offline:
		i.Missing = append(i.Missing, fmt.Sprintf("%s: %v. It is the logo.", shown(at.Key), err))
	case err != nil:
		i.note("%s: the logo is left out: %v.", shown(at.Key), err)
	case name == "":
		i.note("%s: the logo is left out: it is no SVG or PNG that holds nothing but a picture.", shown(at.Key))
	default:
		i.Files[name], i.LogoFile = data, name
	}
}
