// Package picture holds a stranger's logo to what a picture is made of. Whatever else a
// browser would run, follow or load is a fault.
package picture

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/opengpu-network/templates/pkg/plaintext"
)

// Limits on what an SVG draws. They are far above what a logo needs.
const (
	maxElements   = 5000
	maxDepth      = 32
	maxAttributes = 40
	// maxDrawn is how many elements are drawn once each reference is followed.
	maxDrawn = 20_000
	// maxNumber is the largest number anywhere in it.
	maxNumber = 100_000
)

const (
	svgSpace   = "http://www.w3.org/2000/svg"
	xlinkSpace = "http://www.w3.org/1999/xlink"
	xmlSpace   = "http://www.w3.org/XML/1998/namespace"
)

// elements are those that a logo may have.
var elements = set("svg g defs title desc path rect circle ellipse line polyline polygon text tspan linearGradient radialGradient stop clipPath mask symbol use")

// The forms of attributes' values.
var (
	numbers   = regexp.MustCompile(`^[-+0-9.eE,\s]*(%|px)?$`)
	pathData  = regexp.MustCompile(`^[MmZzLlHhVvCcSsQqTtAa0-9eE.,+\-\s]*$`)
	transform = regexp.MustCompile(`^\s*((matrix|translate|scale|rotate|skewX|skewY)\s*\([-+0-9.eE,\s]*\)[\s,]*)*$`)
	paint     = regexp.MustCompile(`^\s*(#[0-9A-Fa-f]{3,8}|[A-Za-z]+|(rgb|rgba|hsl|hsla)\([-+0-9.%,/\s]*\)|url\(#[A-Za-z_][\w.-]*\)(\s+[A-Za-z]+|\s+#[0-9A-Fa-f]{3,8})?)\s*$`)
	part      = regexp.MustCompile(`^(none|url\(#[A-Za-z_][\w.-]*\))$`)
	keywords  = regexp.MustCompile(`^[A-Za-z0-9 .,%_-]*$`)
	fonts     = regexp.MustCompile(`^[A-Za-z0-9 ,'"_-]*$`)
	ident     = regexp.MustCompile(`^[A-Za-z_][\w.-]*$`)
	fragment  = regexp.MustCompile(`^#[A-Za-z_][\w.-]*$`)
	anyText   = regexp.MustCompile(`^[^<>&]*$`)
	reference = regexp.MustCompile(`url\(#([A-Za-z_][\w.-]*)\)`)
	number    = regexp.MustCompile(`[0-9]*\.?[0-9]+([eE][-+]?[0-9]+)?`)
)

// properties are the attributes that may also stand in a style, and attributes the
// others, each with the form of its value.
var (
	properties = byName(map[string]*regexp.Regexp{
		"fill stroke color stop-color": paint,
		"clip-path mask":               part,
		"fill-opacity stroke-opacity stroke-width stroke-miterlimit stroke-dashoffset stop-opacity opacity font-size letter-spacing word-spacing":                                                                                            numbers,
		"fill-rule clip-rule stroke-linecap stroke-linejoin font-weight font-style text-anchor dominant-baseline display visibility stroke-dasharray paint-order shape-rendering text-rendering color-interpolation vector-effect mask-type": keywords,
		"font-family": fonts,
	})
	attributes = byName(map[string]*regexp.Regexp{
		"id": ident, "class": keywords, "href": fragment, "d": pathData, "points": numbers, "viewBox": numbers,
		"width height x y x1 x2 y1 y2 cx cy r rx ry fx fy fr dx dy rotate offset textLength pathLength": numbers,
		"transform gradientTransform": transform,
		"gradientUnits clipPathUnits maskUnits maskContentUnits spreadMethod preserveAspectRatio lengthAdjust version baseProfile role focusable aria-hidden lang": keywords,
		"aria-label": anyText,
	})
)

func set(names string) map[string]bool {
	all := map[string]bool{}
	for _, name := range strings.Fields(names) {
		all[name] = true
	}
	return all
}

func byName(table map[string]*regexp.Regexp) map[string]*regexp.Regexp {
	all := map[string]*regexp.Regexp{}
	for names, form := range table {
		for _, name := range strings.Fields(names) {
			all[name] = form
		}
	}
	return all
}

// Fault is what a file is besides a picture.
type Fault struct {
	// Offset is where it is, in bytes.
	Offset int
	// Message completes "the logo …". Names in it are quoted.
	Message string
}

// svgReader reads an SVG once, element by element.
type svgReader struct {
	data   []byte
	faults []Fault
	// open are the elements that contain the place that has been reached.
	open  []*svgElement
	count int
	ids   map[string]*svgElement
}

// svgElement is one element: what it holds, and what it refers to.
type svgElement struct {
	offset int
	name   string
	inside []*svgElement
	refers []string
	// drawn is how many elements are drawn for it, 0 while that is not known, and
	// -1 while it is counted.
	drawn int
}

// maxSVGFaults is how many faults are listed.
const maxSVGFaults = 20

func (r *svgReader) fault(offset int, format string, args ...any) {
	if len(r.faults) < maxSVGFaults {
		r.faults = append(r.faults, Fault{offset, fmt.Sprintf(format, args...)})
	}
}

// CheckSVG returns what an SVG holds besides a picture, by place. Only what is
// known to be harmless passes.
func CheckSVG(data []byte) []Fault {
	r := &svgReader{data: data, ids: map[string]*svgElement{}}
	if !utf8.Valid(data) {
		r.fault(0, "is not UTF-8")
		return r.faults
	}
	decoder := xml.NewDecoder(bytes.NewReader(data))
	// Whatever the declaration says, the bytes are read as UTF-8; it is judged below.
	decoder.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) { return input, nil }
	var root *svgElement
	for {
		offset := int(decoder.InputOffset())
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			r.fault(int(decoder.InputOffset()), "is not well-formed XML")
			return r.faults
		}
		switch token := token.(type) {
		case xml.StartElement:
			if r.count++; r.count > maxElements {
				r.fault(offset, "holds more than %d elements", maxElements)
				return r.faults
			}
			if len(r.open) == maxDepth {
				r.fault(offset, "nests elements deeper than %d levels", maxDepth)
				return r.faults
			}
			element := r.start(offset, token)
			if root == nil {
				root = element
			} else if len(r.open) == 0 {
				r.fault(offset, "has a second element beside its root")
			}
			r.open = append(r.open, element)
		case xml.EndElement:
			r.open = r.open[:len(r.open)-1]
		case xml.CharData:
			r.text(offset, int(decoder.InputOffset()), string(token))
		case xml.Comment:
			// HTML ends comments where XML does not.
			if bytes.ContainsAny(token, "<>") {
				r.fault(offset, "has a comment with < or >, which a page would take for its end")
			}
		case xml.ProcInst:
			if token.Target != "xml" || offset > len("\uFEFF") || !declaration.Match(token.Inst) {
				r.fault(offset, "has a processing instruction")
			}
		case xml.Directive:
			r.fault(offset, "has a document type: it can define entities")
		}
	}
	if root == nil {
		r.fault(0, "has no element")
		return r.faults
	}
	r.draw(root)
	return r.faults
}

// declaration is what an XML declaration may say.
var declaration = regexp.MustCompile(`^\s*version=["']1\.[01]["'](\s+encoding=["'](?i:utf-8)["'])?(\s+standalone=["'](yes|no)["'])?\s*$`)

func (r *svgReader) start(offset int, token xml.StartElement) *svgElement {
	element := &svgElement{offset: offset, name: token.Name.Local}
	if len(r.open) > 0 {
		parent := r.open[len(r.open)-1]
		parent.inside = append(parent.inside, element)
	}
	name := shortly(token.Name.Local)
	switch {
	case token.Name.Space != svgSpace:
		r.fault(offset, "has the element %s, which is none of SVG", name)
	case !elements[token.Name.Local]:
		r.fault(offset, "has the element %s, and a logo holds shapes, gradients, clip paths, masks and text only", name)
	case (token.Name.Local == "svg") != (len(r.open) == 0):
		r.fault(offset, "has the element %s where it does not belong", name)
	}
	if r.data[offset] != '<' || !bytes.HasPrefix(r.data[offset+1:], []byte(token.Name.Local)) {
		r.fault(offset, "gives an element a prefix")
	}
	if len(token.Attr) > maxAttributes {
		r.fault(offset, "has an element with more than %d attributes", maxAttributes)
		return element
	}
	seen := map[xml.Name]bool{}
	for _, attribute := range token.Attr {
		at := r.attributeOffset(offset, attribute.Name.Local)
		if seen[attribute.Name] {
			r.fault(at, "gives the attribute %s twice", shortly(attribute.Name.Local))
			continue
		}
		seen[attribute.Name] = true
		r.attribute(at, element, attribute)
	}
	return element
}

// attributeOffset is where an attribute stands in the element at an offset.
func (r *svgReader) attributeOffset(offset int, name string) int {
	for i := offset; i < len(r.data) && r.data[i] != '>'; i++ {
		if rest := r.data[i+1:]; strings.IndexByte(" \t\r\n:", r.data[i]) >= 0 && bytes.HasPrefix(rest, []byte(name)) {
			if after := bytes.TrimLeft(rest[len(name):], " \t\r\n"); len(after) > 0 && after[0] == '=' {
				return i + 1
			}
		}
	}
	return offset
}

func (r *svgReader) attribute(at int, element *svgElement, attribute xml.Attr) {
	name, value := attribute.Name.Local, attribute.Value
	switch {
	case attribute.Name.Space == "" && name == "xmlns":
		if value != svgSpace {
			r.fault(at, "declares a namespace that is not SVG's")
		}
		return
	case attribute.Name.Space == "xmlns":
		if value != xlinkSpace || name != "xlink" {
			r.fault(at, "declares a namespace that is not SVG's")
		}
		return
	case attribute.Name.Space == xmlSpace && (name == "space" || name == "lang") && keywords.MatchString(value):
		return
	case attribute.Name.Space == xlinkSpace && name == "href":
	case attribute.Name.Space != "":
		r.fault(at, "has the attribute %s of another namespace", shortly(name))
		return
	}
	if name == "style" {
		r.style(at, element, value)
		return
	}
	form := properties[name]
	if form == nil {
		form = attributes[name]
	}
	if form == nil {
		r.fault(at, "has the attribute %s, which is none that a shape needs", shortly(name))
		return
	}
	r.value(at, element, name, value, form)
	if name == "id" {
		if r.ids[value] != nil {
			r.fault(at, "gives an id twice")
		}
		r.ids[value] = element
	}
}

func (r *svgReader) style(at int, element *svgElement, text string) {
	for declaration := range strings.SplitSeq(text, ";") {
		if strings.TrimSpace(declaration) == "" {
			continue
		}
		name, value, _ := strings.Cut(declaration, ":")
		name = strings.TrimSpace(name)
		form := properties[name]
		if form == nil {
			r.fault(at, "has a style with %s, which is none that a shape needs", shortly(name))
			continue
		}
		r.value(at, element, name, strings.TrimSpace(value), form)
	}
}

func (r *svgReader) value(at int, element *svgElement, name, value string, form *regexp.Regexp) {
	if !form.MatchString(value) {
		r.fault(at, "has a value of %s that is none that a shape needs", shortly(name))
		return
	}
	if err := plaintext.Error(value, plaintext.Prose); err != nil {
		r.fault(at, "%v", err)
	}
	if form == fragment {
		element.refers = append(element.refers, value[1:])
	}
	for _, found := range reference.FindAllStringSubmatch(value, -1) {
		element.refers = append(element.refers, found[1])
	}
	if form == numbers || form == pathData || form == transform || name == "stroke-dasharray" {
		r.numbers(at, name, value)
	}
}

// numbers bounds what is drawn: a picture of a million pixels a side, or a line of
// as many dashes, takes whoever draws it long.
func (r *svgReader) numbers(at int, name, value string) {
	total, several := 0.0, false
	for _, text := range number.FindAllString(value, -1) {
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || math.Abs(n) > maxNumber {
			r.fault(at, "has a number in %s that is larger than %d", shortly(name), maxNumber)
			return
		}
		total, several = total+n, true
	}
	if name == "stroke-dasharray" && several && total < 1 {
		r.fault(at, "has dashes that are shorter than a pixel")
	}
}

func (r *svgReader) text(offset, end int, text string) {
	if bytes.HasPrefix(r.data[offset:end], []byte("<![CDATA[")) {
		r.fault(offset, "has a CDATA section, which a page would take for something else")
	}
	inside := ""
	if len(r.open) > 0 {
		inside = r.open[len(r.open)-1].name
	}
	switch inside {
	case "title", "desc", "text", "tspan":
		for _, f := range plaintext.Check(text, plaintext.Prose) {
			r.fault(offset, "%s", f.Message)
			break
		}
	default:
		if strings.Trim(text, " \t\r\n\uFEFF") != "" {
			r.fault(offset, "has text outside the elements that show it")
		}
	}
}

// draw follows each reference, and returns how many elements are drawn.
func (r *svgReader) draw(e *svgElement) int {
	if e.drawn != 0 {
		if e.drawn < 0 {
			r.fault(e.offset, "refers to what contains it")
		}
		return max(e.drawn, 0)
	}
	e.drawn = -1
	drawn := 1
	add := func(n int) {
		if drawn <= maxDrawn && drawn+n > maxDrawn {
			r.fault(e.offset, "draws more than %d elements once its references are followed", maxDrawn)
		}
		drawn = min(drawn+n, maxDrawn+1)
	}
	for _, inside := range e.inside {
		add(r.draw(inside))
	}
	for _, id := range e.refers {
		if target := r.ids[id]; target != nil {
			add(r.draw(target))
		} else {
			r.fault(e.offset, "refers to a part that is not in the file")
		}
	}
	e.drawn = drawn
	return drawn
}

// shortly is a stranger's name as a message may hold it.
func shortly(name string) string {
	runes := []rune(name)
	return strconv.QuoteToASCII(string(runes[:min(len(runes), 40)]))
}
