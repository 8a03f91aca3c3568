package catalog

import (
	"bytes"
	"encoding/xml"
	"image"
	"image/png"
	"io"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/opengpu-network/templates/pkg/document"
	"github.com/opengpu-network/templates/pkg/finding"
	"github.com/opengpu-network/templates/pkg/picture"
)

const (
	// MaxLogoBytes is the size of the largest logo that is read.
	MaxLogoBytes = 1 << 20
	// maxLogoTokens is how many XML tokens may stand before an SVG's root.
	maxLogoTokens = 100
	// maxLogoSide is the largest side that is believed.
	maxLogoSide = 1_000_000
)

// Logo is what a logo's header says.
type Logo struct {
	// Format is "svg" or "png".
	Format string
	// Width and Height are in pixels; 0 when an SVG does not say.
	Width, Height int
	// Data is the whole file.
	Data []byte
}

// readLogo looks at the logo that the manifest names. A logo that is absent
// or no picture stays nil: a policy judges it.
func (t *Template) readLogo() []finding.Finding {
	name := t.Manifest.Logo
	if name == "" || path.Clean(name) != name {
		return nil
	}
	data, problems := t.readBounded(name, MaxLogoBytes)
	if data != nil {
		if t.Logo = parseLogo(data); t.Logo != nil {
			t.Logo.Data = data
			problems = append(problems, checkLogo(t.display(name), data, t.Logo)...)
		}
	}
	return problems
}

// RuleLogo is the rule that a logo breaks when it is more than a picture.
const RuleLogo = "syntax/logo"

// checkLogo lists what a logo is besides a picture.
func checkLogo(display string, data []byte, logo *Logo) (problems []finding.Finding) {
	if logo.Format == "png" {
		if message := picture.CheckPNG(data, image.Config{Width: logo.Width, Height: logo.Height}); message != "" {
			problems = append(problems, finding.Finding{Rule: RuleLogo, Message: message, Position: finding.Position{File: display}})
		}
		return problems
	}
	for _, f := range picture.CheckSVG(data) {
		p := finding.Position{File: display}
		p.Line, p.Column = document.Place(string(data), f.Offset)
		problems = append(problems, finding.Finding{Rule: RuleLogo, Message: f.Message, Position: p})
	}
	return problems
}

func parseLogo(data []byte) *Logo {
	if config, err := png.DecodeConfig(bytes.NewReader(data)); err == nil {
		return &Logo{Format: "png", Width: config.Width, Height: config.Height}
	}
	return parseSVG(data)
}

// parseSVG reads no further than the root element.
func parseSVG(data []byte) *Logo {
	decoder := xml.NewDecoder(bytes.NewReader(data))
	decoder.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) { return input, nil }
	for range maxLogoTokens {
		token, err := decoder.RawToken()
		if err != nil {
			return nil
		}
		element, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if element.Name.Local != "svg" {
			return nil
		}
		return svgSize(element)
	}
	return nil
}

func svgSize(element xml.StartElement) *Logo {
	logo := &Logo{Format: "svg"}
	for _, attribute := range element.Attr {
		switch attribute.Name.Local {
		case "width":
			logo.Width = pixels(attribute.Value)
		case "height":
			logo.Height = pixels(attribute.Value)
		}
	}
	if logo.Width > 0 && logo.Height > 0 {
		return logo
	}
	for _, attribute := range element.Attr {
		box := strings.FieldsFunc(attribute.Value, func(r rune) bool { return r == ' ' || r == ',' })
		if attribute.Name.Local == "viewBox" && len(box) == 4 {
			logo.Width, logo.Height = pixels(box[2]), pixels(box[3])
		}
	}
	return logo
}

var pixelPattern = regexp.MustCompile(`^\s*([0-9]+(?:\.[0-9]+)?)(?:px)?\s*$`)

// pixels reads "128", "128px" or "128.5"; anything else is 0.
func pixels(text string) int {
	parts := pixelPattern.FindStringSubmatch(text)
	if parts == nil {
		return 0
	}
	n, err := strconv.ParseFloat(parts[1], 64)
	if err != nil || n > maxLogoSide {
		return 0
	}
	return int(n)
}
