// Package publishers reads publishers.yaml: whose sources are the catalog's.
package publishers

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
	"github.com/opengpu-network/templates/pkg/chain/networks"
	"github.com/opengpu-network/templates/pkg/document"
	"github.com/opengpu-network/templates/pkg/finding"
)

// File names the client of each network. It stands beside the folder
// with the templates.
const File = "publishers.yaml"

// Publisher is whose sources are the catalog's on one network.
type Publisher struct {
	// Client is the account that publishes.
	Client common.Address
	// FirstBlock is one before the first publication.
	FirstBlock uint64
}

// ErrNone is a network that publishers.yaml does not name.
var ErrNone = errors.New("names no client")

// rule is what publishers.yaml breaks when it does not fit its schema.
const rule = "syntax/publishers"

// Read reads publishers.yaml, by the networks' names. Without the file
// there are none.
func Read(file string) (map[string]Publisher, error) {
	all, problems, err := read(file)
	return all, cmp.Or(err, problem(problems))
}

// Problems are all that is wrong with publishers.yaml, each with its place.
func Problems(file string) ([]finding.Finding, error) {
	_, problems, err := read(file)
	return problems, err
}

func read(file string) (map[string]Publisher, []finding.Finding, error) {
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
	return parse(file, data)
}

// Parse reads the text of publishers.yaml; file is its name in errors.
func Parse(file string, data []byte) (map[string]Publisher, error) {
	all, problems, err := parse(file, data)
	return all, cmp.Or(err, problem(problems))
}

func parse(file string, data []byte) (map[string]Publisher, []finding.Finding, error) {
	if onlyComments(data) {
		return nil, nil, nil // nobody publishes anywhere yet
	}
	doc, problems := document.Parse(file, data)
	if len(problems) > 0 {
		return nil, problems, nil
	}
	if doc == nil {
		return nil, []finding.Finding{{Rule: rule, Message: "is empty", Position: finding.Position{File: file, Line: 1, Column: 1}}}, nil
	}
	schema, err := document.CompileSchema("publishers.schema.json", templates.PublishersSchema)
	if err != nil {
		return nil, nil, err
	}
	if problems := doc.ValidateSchema(rule, schema); len(problems) > 0 {
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
		client, err := networks.ParseAddress(p.Client)
		if err != nil {
			path := []any{network, "client"}
			problems = append(problems, finding.Finding{
				Rule: rule, Message: fmt.Sprintf("the client of %s: %s", network, err), Position: doc.Locate(path), Path: path,
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
