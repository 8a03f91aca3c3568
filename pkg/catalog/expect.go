package catalog

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/opengpu-network/templates/pkg/document"
)

// MaxExpectProblems is how many problems Check returns at most.
const MaxExpectProblems = 10

// Check holds a result against the function's output schema and against what
// the case expects. The result is what encoding/json makes of an answer, with
// or without UseNumber. Each problem is one sentence with the place in the
// result, such as `$.items[0] is 1, not 2`; there are MaxExpectProblems at
// most. The result is from a stranger: a problem quotes only so much of it.
func (c SmokeCase) Check(output map[string]any, result any) []string {
	m := matcher{}
	result = m.measured(result, nil)
	if len(m.problems) > 0 {
		return m.problems
	}
	m.fits(output, "the function's output schema", result)
	if c.Expect.Schema != nil {
		m.fits(c.Expect.Schema, "the schema of the case", result)
	}
	if c.Expect.Equals.Given {
		m.compare(result, c.Expect.Equals.JSON, nil, false)
	}
	if c.Expect.Includes.Given {
		m.compare(result, c.Expect.Includes.JSON, nil, true)
	}
	return m.problems
}

// matcher collects problems until there are enough of them.
type matcher struct{ problems []string }

func (m *matcher) full() bool { return len(m.problems) >= MaxExpectProblems }

func (m *matcher) report(path []any, format string, args ...any) {
	if !m.full() {
		m.problems = append(m.problems, jsonPath(path)+" "+fmt.Sprintf(format, args...))
	}
}

// measured returns a copy of the result whose numbers are int or float64. A
// number beyond what those hold is a problem: a few bytes such as 1e999999
// would keep exact arithmetic busy for ever.
func (m *matcher) measured(value any, path []any) any {
	switch v := value.(type) {
	case json.Number:
		if n, err := strconv.ParseInt(v.String(), 10, 0); err == nil {
			return int(n)
		}
		f, err := strconv.ParseFloat(v.String(), 64)
		if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
			m.report(path, "is a number that 64 bits cannot hold: %s", excerpt(v))
			return nil
		}
		return f
	case map[string]any:
		object := make(map[string]any, len(v))
		for _, key := range slices.Sorted(maps.Keys(v)) {
			object[key] = m.measured(v[key], append(path, key))
		}
		return object
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = m.measured(item, append(path, i))
		}
		return list
	}
	return value
}

// fits holds the result against a schema; name is what a problem calls it.
func (m *matcher) fits(schema map[string]any, name string, result any) {
	var compiled *document.Schema
	err := fmt.Errorf("it refers to others")
	if findReference(schema, nil) == nil {
		compiled, err = compileSchema(schema)
	}
	if err != nil {
		// Lint refuses such a template; a check that cannot be made fails.
		m.report(nil, "cannot be held against %s: %v", name, err)
		return
	}
	for _, v := range compiled.Validate(result) {
		if m.full() {
			return
		}
		m.report(v.Path, "does not fit %s: %s", name, short(v.Message, maxMessage))
	}
}

// compare reports where the result is not what is wanted; with partial, an
// object may have more members.
func (m *matcher) compare(got, want any, path []any, partial bool) {
	if m.full() {
		return
	}
	switch want := want.(type) {
	case map[string]any:
		if object, ok := got.(map[string]any); ok {
			m.compareObjects(object, want, path, partial)
			return
		}
	case []any:
		list, ok := got.([]any)
		if ok && len(list) != len(want) {
			m.report(path, "has %d entries, not %d", len(list), len(want))
			return
		}
		if ok {
			for i := range want {
				m.compare(list[i], want[i], append(path, i), partial)
			}
			return
		}
	default:
		if sameScalar(got, want) {
			return
		}
	}
	m.report(path, "is %s, not %s", excerpt(got), excerpt(want))
}

func (m *matcher) compareObjects(got, want map[string]any, path []any, partial bool) {
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if m.full() {
			return
		}
		member := append(path, key)
		if value, ok := got[key]; ok {
			m.compare(value, want[key], member, partial)
		} else {
			m.report(member, "is missing")
		}
	}
	if partial {
		return
	}
	for _, key := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[key]; !ok {
			m.report(append(path, key), "is not expected")
		}
	}
}

// sameScalar compares what is neither an object nor a list. Numbers are equal
// when their values are: 1 and 1.0 are.
func sameScalar(a, b any) bool {
	switch a := a.(type) {
	case int:
		if f, ok := b.(float64); ok {
			return sameNumber(a, f)
		}
	case float64:
		if n, ok := b.(int); ok {
			return sameNumber(n, a)
		}
	case map[string]any, []any:
		return false
	}
	return a == b
}

// sameNumber is exact: beyond 2^53 a float64 stands for several integers, and
// at 2^63 its conversion is not defined.
func sameNumber(n int, f float64) bool {
	return f >= -(1<<63) && f < 1<<63 && float64(n) == f && int(f) == n
}

// The lengths to which problems quote a stranger, in bytes.
const (
	maxQuoted  = 80
	maxMessage = 200
)

// excerpt writes a value as JSON, as far as it fits into a sentence.
func excerpt(value any) string {
	switch v := value.(type) {
	case map[string]any:
		if len(v) > 0 {
			return "an object"
		}
	case []any:
		if len(v) > 0 {
			return "a list"
		}
	case string:
		// Only what is shown is encoded.
		if cut := short(v, maxQuoted); cut != v {
			value = cut
		}
	}
	text, err := json.Marshal(value)
	if err != nil {
		return "a value that is no JSON"
	}
	return short(string(text), 2*maxQuoted)
}

// short returns the start of a text, cut between characters.
func short(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most] + "…"
}

var plainMember = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]{0,59}$`)

// jsonPath writes a path as $.items[0].name; a member with an odd name as
// $["odd name"].
func jsonPath(path []any) string {
	const most = 200 // bytes, after which it says no more
	var b strings.Builder
	b.WriteByte('$')
	for _, segment := range path {
		if b.Len() > most {
			b.WriteString("…")
			break
		}
		switch s := segment.(type) {
		case string:
			if plainMember.MatchString(s) {
				b.WriteString("." + s)
			} else {
				b.WriteString("[" + excerpt(s) + "]")
			}
		default:
			fmt.Fprintf(&b, "[%v]", s)
		}
	}
	return b.String()
}
