package importer

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/distribution/reference"
	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/document"
	"github.com/opengpu-network/templates/pkg/plaintext"
)

// Config is what a source's configuration says, in whatever form it was written.
type Config struct {
	// Name and Description are one line each, empty when they are not said.
	Name, Description string
	// Logo is the logo's URL, empty when there is none.
	Logo Reference
	// Compose is where the compose files are, by environment.
	Compose map[catalog.Environment]Reference
	// Images are images that have no compose file, by environment.
	Images map[catalog.Environment]string
	// Metadata is where the rest is said; empty when there is none.
	Metadata Reference
	// Bits are the source's environments as the chain has them; 0 when they are
	// not said.
	Bits uint8
	// MinPayment and MinAvailableLockup are not given when they are not said.
	MinPayment, MinAvailableLockup catalog.Amount
	// MaxExpiryDuration is in seconds; 0 when it is not said.
	MaxExpiryDuration int64
	// DeliveryMethod is nil when it is not said.
	DeliveryMethod *catalog.DeliveryMethod
	PrivacyEnabled bool
	// VRAM is what a GPU must have, in bytes; 0 when it is not said.
	VRAM catalog.Size
	// Notes are what a person should know of it, a sentence each.
	Notes []string
}

// Reference is where a configuration says that a file is.
type Reference struct {
	// Key is the path of the key that says it.
	Key string
	// Where is a URL, or a path beside the configuration. It is empty when nothing
	// is said.
	Where string
}

// IsURL is false for a path.
func (r Reference) IsURL() bool { return strings.Contains(r.Where, ":") }

// maxReference is how long a URL or a path may be, in bytes.
const maxReference = 4096

// maxNotes is how many unknown keys are listed.
const maxNotes = 20

// Problems is why a configuration cannot be imported: all of what is wrong with
// it, a sentence each.
type Problems []string

func (p Problems) Error() string { return strings.Join(p, "\n  ") }

// Parse reads a source's configuration as JSON: that of the SDK, the fields of a
// SourceInfo, the SourceParams of the chain, the metadata that they lead to, or
// the older form with docker_images. Keys may be written in camelCase and in
// snake_case. Nothing that it says is believed: sizes, depths and texts have limits,
// and whatever does not fit is an error, of type Problems where several things may
// be wrong.
func Parse(data []byte) (*Config, error) {
	members, err := object(data)
	if err != nil {
		return nil, err
	}
	r := newReader()
	prefix := ""
	if len(members) == 1 {
		for key, value := range members {
			inner, ok := value.(map[string]any)
			if ok && slices.Contains([]string{"sourceConfig", "sourceInfo", "sourceParams"}, camel(key)) {
				members, prefix = inner, key+"."
			}
		}
	}
	r.members(prefix, members, r.fields())
	c := r.config
	if len(r.problems) == 0 && c.Metadata.Where == "" && len(c.Compose)+len(c.Images) == 0 {
		r.problems = append(r.problems, "it names no compose file and no image: say in imageEnvs where the compose file of cpu, nvidia or amd is")
	}
	return r.done()
}

// parseMetadata reads what a source's imageMetadataUrl leads to. Other keys are
// no concern of anybody there.
func parseMetadata(data []byte) (*Config, error) {
	members, err := object(data)
	if err != nil {
		return nil, err
	}
	r := newReader()
	all, wanted := r.fields(), fields{}
	for _, key := range []string{"cpu", "nvidia", "amd", "name", "description", "logoUrl"} {
		wanted[key] = all[key]
	}
	maps.DeleteFunc(members, func(key string, _ any) bool { return wanted[key] == nil })
	r.members("", members, wanted)
	return r.done()
}

// reader collects what an object says, and all that is wrong with it.
type reader struct {
	config   *Config
	problems Problems
	// said are the keys that said something, by what they said.
	said    map[string]string
	unknown int
}

func newReader() *reader {
	return &reader{said: map[string]string{}, config: &Config{
		Compose: map[catalog.Environment]Reference{}, Images: map[catalog.Environment]string{},
	}}
}

func (r *reader) done() (*Config, error) {
	if len(r.problems) > 0 {
		return nil, r.problems
	}
	if r.unknown > maxNotes {
		r.note("%d more keys are not known and not used.", r.unknown-maxNotes)
	}
	return r.config, nil
}

func (r *reader) note(format string, args ...any) {
	r.config.Notes = append(r.config.Notes, fmt.Sprintf(format, args...))
}

func (r *reader) fail(path, format string, args ...any) {
	// A file with more has other troubles.
	if len(r.problems) < 50 {
		r.problems = append(r.problems, shown(path)+" "+fmt.Sprintf(format, args...))
	}
}

// shown is a key or a value from a file as messages show it.
func shown(text string) string {
	if len(text) > 80 {
		text = strings.ToValidUTF8(text[:80], "") + "…"
	}
	return text
}

// fields are the keys of an object that are known, in camelCase, and who reads
// their values.
type fields map[string]func(path string, value any)

func (r *reader) fields() fields {
	ignored := func(string, any) {}
	all := fields{
		"name":               r.text("name", &r.config.Name),
		"description":        r.text("description", &r.config.Description),
		"logoUrl":            r.reference("logo", &r.config.Logo),
		"imageEnvs":          r.environments,
		"imageEnvironments":  r.bits,
		"imageMetadataUrl":   r.reference("metadata", &r.config.Metadata),
		"minPayment":         r.amount("minPayment", wei, &r.config.MinPayment),
		"minAvailableLockup": r.amount("minAvailableLockup", wei, &r.config.MinAvailableLockup),
		"maxExpiryDuration":  r.seconds,
		"deliveryMethod":     r.delivery,
		"privacyEnabled":     r.privacy,
		"optionalParamsUrl":  r.optional,
		"dockerImages":       r.images,
		"constraints": func(path string, value any) {
			r.object(path, value, fields{
				"minPayment":         r.amount("minPayment", ogpu, &r.config.MinPayment),
				"minAvailableLockup": r.amount("minAvailableLockup", ogpu, &r.config.MinAvailableLockup),
				"maxDuration":        r.seconds,
				"minVramGb":          r.vram,
			})
		},
		// Whose the source is and when it changed is no part of a template.
		"client": ignored, "lastUpdateTime": ignored, "template": ignored,
	}
	maps.Copy(all, r.composeFields())
	return all
}

// members reads the members of an object, in the order of their names.
func (r *reader) members(prefix string, members map[string]any, known fields) {
	for _, key := range slices.Sorted(maps.Keys(members)) {
		read := known[camel(key)]
		switch {
		case read == nil:
			if r.unknown++; r.unknown <= maxNotes {
				suggestion := document.Suggest(camel(key), slices.Sorted(maps.Keys(known)))
				if suggestion == "" {
					suggestion = "."
				}
				r.note("%s is not known and not used%s", shown(prefix+key), suggestion)
			}
		case members[key] == nil: // null is what is not said
		default:
			read(prefix+key, members[key])
		}
	}
}

// object reads a value that must be an object.
func (r *reader) object(path string, value any, known fields) {
	if members, ok := value.(map[string]any); ok {
		r.members(path+".", members, known)
	} else {
		r.fail(path, "is %s and must be an object", kind(value))
	}
}

// once is false, and a problem, when two keys say the same thing.
func (r *reader) once(what, path string) bool {
	if other := r.said[what]; other != "" {
		r.fail(path, "says what %s says too: leave one out", shown(other))
		return false
	}
	r.said[what] = path
	return true
}

// words reads a text, which may be empty.
func (r *reader) words(path string, value any) (string, bool) {
	text, ok := value.(string)
	if !ok {
		r.fail(path, "is %s and must be text", kind(value))
		return "", false
	}
	text, err := line(text, plaintext.Line)
	if err != nil {
		r.fail(path, "%v", err)
	}
	return text, err == nil
}

func (r *reader) text(what string, to *string) func(string, any) {
	return func(path string, value any) {
		if text, ok := r.words(path, value); ok && r.once(what, path) {
			*to = text
		}
	}
}

func (r *reader) reference(what string, to *Reference) func(string, any) {
	return func(path string, value any) {
		text, ok := r.words(path, value)
		switch {
		case !ok || !r.once(what, path) || text == "":
		case len(text) > maxReference:
			r.fail(path, "is longer than %d bytes", maxReference)
		default:
			*to = Reference{Key: path, Where: text}
		}
	}
}

// environments reads an object with a member for each environment.
func (r *reader) environments(path string, value any) { r.object(path, value, r.composeFields()) }

func (r *reader) composeFields() fields {
	known := fields{}
	for _, environment := range catalog.AllEnvironments() {
		known[environment.String()] = func(path string, value any) {
			var at Reference
			r.reference("environment "+environment.String(), &at)(path, value)
			if at.Where != "" {
				r.config.Compose[environment] = at
			}
		}
	}
	return known
}

// bits reads the environments as the chain has them. Some name the object with the
// compose files so.
func (r *reader) bits(path string, value any) {
	if _, ok := value.(map[string]any); ok {
		r.environments(path, value)
		return
	}
	bits, err := whole(value, 1, int64(catalog.Bits(catalog.AllEnvironments())))
	if err != nil {
		r.fail(path, "%v: 1 is CPU, 2 is NVIDIA, 4 is AMD, and several are added", err)
		return
	}
	r.config.Bits = uint8(bits)
}

// images reads the images of the older form.
func (r *reader) images(path string, value any) {
	known := fields{}
	for _, environment := range catalog.AllEnvironments() {
		known[environment.String()] = func(path string, value any) {
			image, ok := r.words(path, value)
			if !ok || !r.once("environment "+environment.String(), path) || image == "" {
				return
			}
			if strings.Contains(image, "://") {
				r.fail(path, "is a URL and must be an image: URLs of compose files stand in imageEnvs")
				return
			}
			if _, err := reference.ParseNormalizedNamed(image); err != nil || len(image) > 255 {
				r.fail(path, "is no image such as registry/name:tag")
				return
			}
			r.config.Images[environment] = image
		}
	}
	r.object(path, value, known)
}

func (r *reader) amount(what string, parse func(any) (catalog.Amount, error), to *catalog.Amount) func(string, any) {
	return func(path string, value any) {
		amount, err := parse(value)
		if err != nil {
			r.fail(path, "%v", err)
		} else if r.once(what, path) {
			*to = amount
		}
	}
}

// maxSeconds is the manifest's bound.
const maxSeconds = 315360000

func (r *reader) seconds(path string, value any) {
	seconds, err := whole(value, 1, maxSeconds)
	if err != nil {
		r.fail(path, "%v seconds", err)
	} else if r.once("maxExpiryDuration", path) {
		r.config.MaxExpiryDuration = seconds
	}
}

func (r *reader) vram(path string, value any) {
	size, err := vram(value)
	if err != nil {
		r.fail(path, "%v", err)
		return
	}
	r.config.VRAM = size
}

// delivery reads a method as the chain, the SDK or the older form write it: 1,
// DeliveryMethod.FIRST_RESPONSE, FirstResponse.
func (r *reader) delivery(path string, value any) {
	text, _ := value.(string)
	if digit, ok := value.(json.Number); ok {
		text = digit.String()
	}
	plain := strings.ToLower(strings.ReplaceAll(text[strings.LastIndexByte(text, '.')+1:], "_", ""))
	for _, method := range []catalog.DeliveryMethod{catalog.ManualConfirmation, catalog.FirstResponse} {
		if plain == strings.ToLower(strings.ReplaceAll(method.String(), "_", "")) || text == fmt.Sprint(uint8(method)) {
			if r.once("deliveryMethod", path) {
				r.config.DeliveryMethod = &method
			}
			return
		}
	}
	r.fail(path, "must be MANUAL_CONFIRMATION (0) or FIRST_RESPONSE (1)")
}

func (r *reader) privacy(path string, value any) {
	enabled, ok := value.(bool)
	if !ok {
		r.fail(path, "is %s and must be true or false", kind(value))
	}
	r.config.PrivacyEnabled = enabled
}

func (r *reader) optional(path string, value any) {
	if text, ok := r.words(path, value); ok && text != "" {
		r.note("%s is not empty, but a template has no place for it: it is left out.", shown(path))
	}
}

// camel writes min_payment as minPayment.
func camel(key string) string {
	words := strings.Split(key, "_")
	for i, word := range words {
		if i > 0 && word != "" {
			words[i] = strings.ToUpper(word[:1]) + word[1:]
		}
	}
	return strings.Join(words, "")
}
