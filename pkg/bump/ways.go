package bump

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

//go:embed model.yaml
var modelTable []byte

// Key says what the change of a key of the compose model asks for.
type Key struct {
	// Pattern is the key as compose.Key has it: "services.*.cap_add".
	Pattern string
	// How is the way in which the values of the key are compared.
	How string
	// Meaning says in words what asks for a major version.
	Meaning string
}

// Keys lists the keys of the compose model that are decided on, sorted. A key below
// one of them is part of it; any other key asks for a major version.
func Keys() ([]Key, error) {
	var table struct{ Keys map[string]string }
	if err := yaml.Unmarshal(modelTable, &table); err != nil {
		return nil, fmt.Errorf("the table of keys cannot be read: %w", err)
	}
	var keys []Key
	for _, pattern := range slices.Sorted(maps.Keys(table.Keys)) {
		how := table.Keys[pattern]
		way, ok := ways()[how]
		if !ok {
			return nil, fmt.Errorf("the table of keys has %q for %s, which is no way of comparing", how, pattern)
		}
		keys = append(keys, Key{pattern, how, way.meaning})
	}
	return keys, nil
}

// way is one way of comparing the values of a key, of which either may be nil.
type way struct {
	meaning string
	// widened is empty when the change asks for no major version, and otherwise
	// says what is wider.
	widened func(base, head any) string
}

func ways() map[string]way {
	const other = "is another"
	return map[string]way{
		"patch": {"nothing", func(_, _ any) string { return "" }},
		"more":  {"an entry that is new or another", more},
		"less":  {"an entry that is gone", less},
		"any":   {"any change", func(_, _ any) string { return other }},
		"set": {"a value where none was, or another one", func(_, head any) string {
			if absent(head) {
				return ""
			}
			return other
		}},
		"on": {"turned on", func(base, head any) string {
			if head == true && base != true || head != nil && head != true && head != false {
				return "is on"
			}
			return ""
		}},
		"off": {"turned off", func(base, head any) string {
			if head == true || absent(base) || base == false {
				return ""
			}
			return "is off"
		}},
		"limit":   {"a limit that is raised or gone", limit},
		"number":  {"a higher number", higher},
		"image":   {"another repository", nil}, // compared by service
		"user":    {"another user or group, but for a number above 0 in place of root or of the image's own", user},
		"tmpfs":   {"a new tmpfs, a larger one, or one with other options", tmpfs},
		"mounts":  {"a new or another mount that is no named volume, a larger tmpfs, or one that may be written to", mounts},
		"options": {"`no-new-privileges` gone, or any other option that is new, another or gone", options},
	}
}

func absent(value any) bool {
	switch value := value.(type) {
	case nil:
		return true
	case []any:
		return len(value) == 0
	case map[string]any:
		return len(value) == 0
	case string:
		return value == ""
	default:
		return false
	}
}

// entries lists the entries of a list, or the members of a mapping with their
// names, each as text that tells it from others.
func entries(value any) []string {
	var all []string
	add := func(value any) {
		text, err := json.Marshal(value)
		if err != nil {
			text = []byte(fmt.Sprint(value))
		}
		all = append(all, string(text))
	}
	switch value := value.(type) {
	case nil:
	case []any:
		for _, item := range value {
			add(item)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			// A member with a list of values, as extra_hosts has, counts value by value.
			if items, ok := value[name].([]any); ok {
				for _, item := range items {
					add(map[string]any{name: item})
				}
				continue
			}
			add(map[string]any{name: value[name]})
		}
	default:
		add(value)
	}
	return all
}

// everything is the capability that stands for all of them.
const everything = `"ALL"`

func more(base, head any) string {
	before := entries(base)
	for _, entry := range entries(head) {
		if !slices.Contains(before, entry) && !slices.Contains(before, everything) {
			return fmt.Sprintf("has %.80s, and had not", entry)
		}
		before = without(before, entry)
	}
	return ""
}

// without takes one entry out, but for the one that stands for all: twice the same
// is more than once.
func without(all []string, entry string) []string {
	if i := slices.Index(all, entry); i >= 0 && entry != everything {
		return slices.Delete(slices.Clone(all), i, i+1)
	}
	return all
}

func less(base, head any) string {
	after := entries(head)
	for _, entry := range entries(base) {
		if !slices.Contains(after, entry) && !slices.Contains(after, everything) {
			return fmt.Sprintf("no longer has %.80s", entry)
		}
	}
	return ""
}

// limit compares limits: none, zero and below mean no limit.
func limit(base, head any) string {
	before, limited := amount(base)
	after, still := amount(head)
	switch {
	case !limited || before <= 0:
		return ""
	case !still || after <= 0:
		return "is no longer limited"
	case after > before:
		return fmt.Sprintf("is %s, and was %s", figure(after), figure(before))
	}
	return ""
}

func higher(base, head any) string {
	before, _ := amount(base)
	after, ok := amount(head)
	if !ok && !absent(head) {
		return "is no number"
	}
	if after > before {
		return fmt.Sprintf("is %s, and was %s", figure(after), figure(before))
	}
	return ""
}

func figure(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

func amount(value any) (float64, bool) {
	switch value := value.(type) {
	case int:
		return float64(value), true
	case int64:
		return float64(value), true
	case float64:
		return value, true
	default:
		return 0, false
	}
}

// user compares the users and groups that a service runs as. None is the image's own,
// which may be root. What a name stands for is the image's to say, and a group that
// has another number may be the one that owns a device: only who leaves root, or the
// image's own, for a number has no more rights for sure.
func user(base, head any) string {
	before, _ := base.(string)
	after, _ := head.(string)
	wider := func(before, after string) bool {
		// Engines read numbers as Go does: +0 and -00 are root too.
		number, err := strconv.Atoi(before)
		mostRights := before == "" || before == "root" || err == nil && number == 0
		to, err := strconv.ParseUint(after, 10, 31)
		return before != after && !(mostRights && err == nil && to > 0)
	}
	name := func(user string) string {
		if user == "" {
			return "the image's own"
		}
		return strconv.Quote(user)
	}
	userBefore, groupBefore, _ := strings.Cut(before, ":")
	userAfter, groupAfter, _ := strings.Cut(after, ":")
	if wider(userBefore, userAfter) || wider(groupBefore, groupAfter) {
		return fmt.Sprintf("is %.60s, and was %.60s", name(after), name(before))
	}
	return ""
}

// options compares security options. One of them takes rights away; what the others
// do depends on their values.
func options(base, head any) string {
	split := func(value any) (restricted bool, others []any) {
		list, _ := value.([]any)
		for _, item := range list {
			option, _ := item.(map[string]any)
			if option["name"] == "no-new-privileges" {
				restricted = option["value"] == "" || option["value"] == "true"
				continue
			}
			others = append(others, item)
		}
		return restricted, others
	}
	before, base2 := split(base)
	after, head2 := split(head)
	if before && !after {
		return "no longer has no-new-privileges"
	}
	if reason := more(base2, head2); reason != "" {
		return reason
	}
	return less(base2, head2)
}
