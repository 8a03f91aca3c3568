package full

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/opengpu-network/templates/cmd/internal/app"
	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/document"
	"github.com/opengpu-network/templates/pkg/lint"
	"github.com/opengpu-network/templates/pkg/pin"
	"github.com/opengpu-network/templates/pkg/registry"
	"github.com/opengpu-network/templates/pkg/report"
	"github.com/urfave/cli/v2"
)

// pinFormats are the formats of pin's report.
var pinFormats = []string{"text", "json"}

func pinCommand(world app.World) *cli.Command {
	return &cli.Command{
		Name:      "pin",
		ArgsUsage: "[NAME…]",
		Description: "Each image becomes name:tag@sha256:…, as its registry has it now; nothing else in\n" +
			"a file changes. No name is the whole catalog. A digest that is written already\n" +
			"is kept when its tag has moved, unless --update is given.\n\n" +
			"Examples:\n" +
			"  ogpu-tpl pin ollama\n" +
			"  ogpu-tpl pin --update ollama\n" +
			"  ogpu-tpl pin --check --format json",
		Flags: []cli.Flag{
			app.TemplatesFlag(),
			&cli.BoolFlag{Name: "check", Usage: "change nothing; exit with 1 when a tag has moved, an image is gone, or one has no digest and is not recorded"},
			&cli.BoolFlag{Name: "update", Usage: "take the digest that a tag names now, where another is written"},
			platformFlag(),
			&cli.IntFlag{Name: "parallel", Value: 8, Usage: "ask for up to `N` images at once"},
			&cli.DurationFlag{Name: "timeout", Value: registry.DefaultTimeout, Usage: "how long a registry may take for one image"},
			&cli.StringFlag{Name: "format", Aliases: []string{"f"}, Value: "text", Usage: "the report's `FORMAT`: " + app.OneOf(pinFormats)},
			&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write the report to `FILE`"},
		},
		Action: func(c *cli.Context) error { return runPin(c, world) },
	}
}

func platformFlag() cli.Flag {
	return &cli.StringFlag{Name: "platform", Value: registry.DefaultPlatform.String(), Usage: "the `PLATFORM` that each image must be there for"}
}

func runPin(c *cli.Context, world app.World) error {
	if !slices.Contains(pinFormats, c.String("format")) {
		return app.Usagef("unknown format %q: use %s%s", c.String("format"), app.OneOf(pinFormats), document.Suggest(c.String("format"), pinFormats))
	}
	if c.Bool("check") && c.Bool("update") {
		return app.Usagef("--check changes nothing and --update does: give one of them")
	}
	if c.Int("parallel") < 1 || c.Duration("timeout") <= 0 {
		return app.Usagef("--parallel and --timeout must be positive")
	}
	platform, err := registry.ParsePlatform(c.String("platform"))
	if err != nil {
		return app.Usagef("--platform: %w", err)
	}
	templates, broken, err := openForPin(c)
	defer func() {
		for _, t := range templates {
			t.Close()
		}
	}()
	if err != nil {
		return err
	}
	results, err := pin.Run(c.Context, registryClient(c.Duration("timeout")), templates, pin.Options{
		Check: c.Bool("check"), Update: c.Bool("update"), Platform: platform, Parallel: c.Int("parallel"),
	})
	if err != nil {
		return interrupted(err)
	}
	results = append(results, broken...)
	slices.SortStableFunc(results, func(a, b pin.Template) int { return strings.Compare(a.Name, b.Name) })
	var out bytes.Buffer
	write := writePinText
	if c.String("format") == "json" {
		write = writePinJSON
	}
	if err := write(&out, results); err != nil {
		return err
	}
	if err := app.Deliver(c.String("output"), world.Out, out.Bytes()); err != nil {
		return err
	}
	switch {
	case slices.ContainsFunc(results, pin.Template.Failed):
		return errors.New("not every image could be looked at or written: see the report")
	case slices.ContainsFunc(results, func(t pin.Template) bool { return t.Found(c.Bool("check")) }):
		return app.ErrFindings
	}
	return nil
}

// registryClient asks registries with the credentials of Docker's own
// configuration.
func registryClient(timeout time.Duration) *registry.Client {
	return &registry.Client{Keychain: authn.DefaultKeychain, Timeout: timeout, Proxy: http.ProxyFromEnvironment}
}

func interrupted(err error) error {
	if errors.Is(err, context.Canceled) {
		return errors.New("interrupted")
	}
	return err
}

// openForPin opens the templates that the command line names. Those that are
// not well-formed are results already.
func openForPin(c *cli.Context) (templates []*catalog.Template, broken []pin.Template, err error) {
	folder, err := app.TemplatesDir(c)
	if err != nil && c.NArg() == 0 {
		return nil, nil, err
	}
	targets, err := lint.Targets(folder, c.Args().Slice())
	if errors.Is(err, lint.ErrNoTarget) {
		return nil, nil, app.AsUsage(err)
	} else if err != nil {
		return nil, nil, err
	}
	for i, target := range targets {
		if target.File != "" || target.Environment != 0 {
			return templates, nil, app.Usagef("%s is a compose file: give the template, whose files are pinned together", target.Display)
		}
		if slices.ContainsFunc(targets[:i], func(t lint.Target) bool { return t.Dir == target.Dir }) {
			return templates, nil, app.Usagef("%s is named twice", target.Display)
		}
		t, problems, err := catalog.Open(target.Dir, target.Display)
		if err != nil {
			return templates, nil, err
		}
		if len(problems) > 0 || lacksFile(t) {
			broken = append(broken, pin.Template{Name: t.Name, Err: fmt.Errorf("the template is not well-formed: see ogpu-tpl lint %s", t.Name)})
			t.Close()
			continue
		}
		templates = append(templates, t)
	}
	return templates, broken, nil
}

// lacksFile is true for a template that states an environment without having a
// compose file for it: nobody could tell that its images are pinned.
func lacksFile(t *catalog.Template) bool {
	return slices.ContainsFunc(t.Manifest.Environments.List(), func(e catalog.Environment) bool { return !slices.Contains(t.Environments(), e) })
}

// pinHint says what an image's state means for who reads the report.
func pinHint(image pin.Image) string {
	switch shown := shownState(image); {
	case image.Written != "":
		return "is now " + image.Written
	case shown == "ready":
		return "would be " + image.Proposed + ", but for another image of the template"
	case image.State == pin.Unpinned && image.Proposed != "":
		return "would be " + image.Proposed
	case image.State == pin.Moved && image.Proposed != "":
		return "the tag names " + image.Digest + " now; --update takes it"
	case image.State == pin.Moved:
		return "the tag names " + image.Digest + " now, which cannot be used"
	case image.State == pin.TagGone:
		return "the tag is gone; the digest is still there"
	case image.State == pin.Gone && image.Proposed != "":
		return "the digest is no longer at the registry; the tag names " + image.Digest + " now; --update takes it"
	case image.State == pin.Gone:
		return "the digest is no longer at the registry"
	default:
		return ""
	}
}

// pinWords are the words for states, in the order of the summary.
var pinWords = []string{"written", string(pin.Pinned), string(pin.Unpinned), string(pin.Moved), string(pin.TagGone), string(pin.Gone), string(pin.Missing), string(pin.NoPlatform), "ready", string(pin.Failed)}

// countStates counts the images by their state.
func countStates(results []pin.Template) map[string]int {
	counts := map[string]int{}
	for _, t := range results {
		for _, image := range t.Images {
			counts[shownState(image)]++
		}
	}
	return counts
}

func writePinText(w io.Writer, results []pin.Template) error {
	for _, t := range results {
		fmt.Fprintln(w, report.Escape(t.Name))
		table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, image := range t.Images {
			fmt.Fprintf(table, "  %s\t%s\n", shownState(image), report.Escape(image.Reference))
			if hint := pinHint(image); hint != "" {
				fmt.Fprintf(table, "  \t%s\n", report.Escape(hint))
			}
			if message := pinMessage(image.Err); message != "" && image.Written == "" {
				fmt.Fprintf(table, "  \t%s\n", report.Escape(message))
			}
		}
		if err := table.Flush(); err != nil {
			return err
		}
		if len(t.Changed) > 0 {
			fmt.Fprintf(w, "  wrote %s\n", report.Escape(strings.Join(t.Changed, ", ")))
		}
		if t.Err != nil {
			fmt.Fprintf(w, "  %s\n", report.Escape(t.Err.Error()))
		}
	}
	var summary []string
	counts := countStates(results)
	for _, word := range pinWords {
		if counts[word] > 0 {
			summary = append(summary, fmt.Sprintf("%d %s", counts[word], word))
		}
	}
	if len(summary) == 0 {
		summary = []string{"no images"}
	}
	_, err := fmt.Fprintln(w, strings.Join(summary, ", "))
	return err
}

// shownState is an image's state in a word. An image that could be pinned, and
// was not for the sake of another one of its template, is ready.
func shownState(image pin.Image) string {
	switch {
	case image.Written != "":
		return "written"
	case image.State == pin.Pinned && !strings.Contains(image.Reference, "@"):
		return "ready"
	default:
		return string(image.State)
	}
}

// pinMessage is what went wrong and what to do, without the reference.
func pinMessage(err error) string {
	var known *registry.Error
	switch {
	case errors.As(err, &known):
		return known.Message + ": " + known.Remedy()
	case err != nil:
		return err.Error()
	default:
		return ""
	}
}

// PinJSON is what pin says of one template, for machines.
type PinJSON struct {
	Template string         `json:"template"`
	Images   []PinImageJSON `json:"images"`
	Changed  []string       `json:"changed"`
	Error    string         `json:"error"`
}

// PinImageJSON is what it says of one of its images.
type PinImageJSON struct {
	Reference string         `json:"reference"`
	State     string         `json:"state"`
	Current   string         `json:"current"`
	Written   string         `json:"written"`
	Proposed  string         `json:"proposed"`
	Recorded  bool           `json:"recorded"`
	Kind      string         `json:"kind"`
	Message   string         `json:"message"`
	Places    []pinPlaceJSON `json:"places"`
	// RetryAfter is in seconds.
	RetryAfter int `json:"retryAfter"`
}

type pinPlaceJSON struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
}

func writePinJSON(w io.Writer, results []pin.Template) error {
	list := []PinJSON{}
	for _, t := range results {
		one := PinJSON{Template: report.Escape(t.Name), Images: []PinImageJSON{}, Changed: append([]string{}, t.Changed...)}
		if t.Err != nil {
			one.Error = report.Escape(t.Err.Error())
		}
		for _, image := range t.Images {
			shown := PinImageJSON{
				Reference: image.Reference, State: shownState(image), Current: image.Digest, Written: image.Written, Proposed: image.Proposed, Recorded: image.Recorded,
				Kind: string(registry.KindOf(image.Err)), Message: report.Escape(pinMessage(image.Err)),
			}
			var known *registry.Error
			if errors.As(image.Err, &known) {
				shown.RetryAfter = int(known.RetryAfter.Seconds())
			}
			for _, place := range image.Places {
				shown.Places = append(shown.Places, pinPlaceJSON{report.Escape(place.File), place.Line, place.Column})
			}
			one.Images = append(one.Images, shown)
		}
		list = append(list, one)
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(map[string]any{"summary": countStates(results), "templates": list})
}
