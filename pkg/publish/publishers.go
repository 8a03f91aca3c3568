// Package publish brings a release to the chain, and tells what of the catalog
// is there. It knows what a release is and what a source is; how files are
// served and how transactions are sent is for others.
package publish

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/ethereum/go-ethereum/common"
	templates "github.com/opengpu-network/templates"
	"github.com/opengpu-network/templates/pkg/chain"
	"github.com/opengpu-network/templates/pkg/document"
	"github.com/opengpu-network/templates/pkg/finding"
)

// PublishersFile names the client of each network. It stands beside the folder
// with the templates.
const PublishersFile = "publishers.yaml"

// Publisher is whose sources are the catalog's on one network.
type Publisher struct {
	// Client is the account that publishes.
	Client common.Address
	// FirstBlock is one before the first publication.
	FirstBlock uint64
}

// ErrNoPublisher is a network that publishers.yaml does not name.
var ErrNoPublisher = errors.New("names no client")

// rulePublishers is what publishers.yaml breaks when it does not fit its schema.
const rulePublishers = "syntax/publishers"

// ReadPublishers reads publishers.yaml, by the networks' names. Without the file
// there are none.
func ReadPublishers(file string) (map[string]Publisher, error) {
	all, problems, err := readPublishers(file)
	return all, cmp.Or(err, problem(problems))
}

// PublishersProblems are all that is wrong with publishers.yaml, each with its place.
func PublishersProblems(file string) ([]finding.Finding, error) {
	_, problems, err := readPublishers(file)
	return problems, err
}

func readPublishers(file string) (map[string]Publisher, []finding.Finding, error) {
	root, err := os.OpenRoot(filepath.Dir(file))
	if err != nil {
		return nil, nil, err
	}
	defer root.Close()
	if _, err := root.Lstat(filepath.Base(file)); errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	data, problems := document.Read(root, filepath.Base(file), file)
	if len(problems) > 0 {
		return nil, problems, nil
	}
	return parsePublishers(file, data)
}

// ParsePublishers reads the text of publishers.yaml; file is its name in errors.
func ParsePublishers(file string, data []byte) (map[string]Publisher, error) {
	all, problems, err := parsePublishers(file, data)
	return all, cmp.Or(err, problem(problems))
}

func parsePublishers(file string, data []byte) (map[string]Publisher, []finding.Finding, error) {
	if onlyComments(data) {
		return nil, nil, nil // nobody publishes anywhere yet
	}
	doc, problems := document.Parse(file, data)
	if len(problems) > 0 {
		return nil, problems, nil
	}
	if doc == nil {
		return nil, []finding.Finding{{Rule: rulePublishers, Message: "is empty", Position: finding.Position{File: file, Line: 1, Column: 1}}}, nil
	}
	schema, err := document.CompileSchema("publishers.schema.json", templates.PublishersSchema)
	if err != nil {
		return nil, nil, err
	}
	if problems := doc.ValidateSchema(rulePublishers, schema); len(problems) > 0 {
		return nil, problems, nil
	}
	// It fits the schema, so its JSON has this form.
	text, err := json.Marshal(doc.Value())
	if err != nil {
		return nil, nil, err
	}
	var publishers map[string]struct {
		Client     string
		FirstBlock uint64
	}
	if err := json.Unmarshal(text, &publishers); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", file, err)
	}
	all := map[string]Publisher{}
	for _, network := range slices.Sorted(maps.Keys(publishers)) {
		p := publishers[network]
		client, err := chain.ParseAddress(p.Client)
		if err != nil {
			path := []any{network, "client"}
			problems = append(problems, finding.Finding{
				Rule: rulePublishers, Message: fmt.Sprintf("the client of %s: %s", network, err), Position: doc.Locate(path), Path: path,
			})
		}
		all[network] = Publisher{client, p.FirstBlock}
	}
	if len(problems) > 0 {
		return nil, problems, nil
	}
	return all, nil, nil
}

// onlyComments is true for YAML that says nothing.
func onlyComments(data []byte) bool {
	for line := range bytes.Lines(data) {
		if text := bytes.TrimSpace(line); len(text) > 0 && text[0] != '#' {
			return false
		}
	}
	return true
}

// problem is the first of several findings as an error; nil when there is none.
func problem(findings []finding.Finding) error {
	if len(findings) == 0 {
		return nil
	}
	f := findings[0]
	return fmt.Errorf("%s:%d: %s", f.File, f.Line, f.Message)
}
