package importer

import (
	"bytes"
	_ "embed"
	"strings"
	"text/template"

	"github.com/opengpu-network/templates/pkg/catalog"
)

//go:embed readme.tmpl
var readmeText string

// origin says where a compose file came from.
type origin struct{ Environment, File, Where string }

// readme writes the template's README.
func (i *Import) readme(name string) ([]byte, error) {
	parsed, err := template.New("").Delims("[[", "]]").Funcs(template.FuncMap{"markdown": markdown, "code": code}).Parse(readmeText)
	if err != nil {
		return nil, err
	}
	title := i.Name
	if title == "" {
		title = name
	}
	var origins []origin
	for _, environment := range i.Environments {
		where := i.Compose[environment].Where
		if where == "" {
			where = i.Images[environment]
		}
		if where != "" {
			origins = append(origins, origin{environment.String(), catalog.ComposePath(environment), where})
		}
	}
	var b bytes.Buffer
	err = parsed.Execute(&b, map[string]any{
		"Title": title, "Description": i.Description, "Origins": origins, "Missing": i.Missing, "Name": name,
		"Environments": i.Environments, "Images": i.Unpinned(),
	})
	return b.Bytes(), err
}

// code writes a line as code that nothing in it can end.
func code(text string) string { return "`" + strings.ReplaceAll(text, "`", "%60") + "`" }
