package catalog

import (
	"bytes"
	"fmt"
	"regexp"
	"sync"
)

// wording says in an author's words what the schema's validator says in its
// own. What is not here stays as it is.
type wording struct {
	from *regexp.Regexp
	to   string
}

var wordings = sync.OnceValue(func() []wording {
	return []wording{
		{regexp.MustCompile(`^minLength: got (\d+), want (\d+)$`), "is too short: it has $1 characters and needs $2"},
		{regexp.MustCompile(`^maxLength: got (\d+), want (\d+)$`), "is too long: it has $1 characters and may have $2"},
		{regexp.MustCompile(`^min(?:Items|Properties): got (\d+), want (\d+)$`), "has $1 entries and needs $2"},
		{regexp.MustCompile(`^max(?:Items|Properties): got (\d+), want (\d+)$`), "has $1 entries and may have $2"},
		{regexp.MustCompile(`^minimum: got (\S+), want (\S+)$`), "must be at least $2"},
		{regexp.MustCompile(`^exclusiveMinimum: got (\S+), want (\S+)$`), "must be greater than $2"},
		{regexp.MustCompile(`^maximum: got (\S+), want (\S+)$`), "must be at most $2"},
		{regexp.MustCompile(`^items at (\d+) and (\d+) are equal$`), "has the same entry twice"},
		{regexp.MustCompile(`^value must be one of `), "must be one of "},
		{regexp.MustCompile(`(?s)^'.*' is not valid (\S+): .*$`), "is not a valid $1"},
		{regexp.MustCompile(`(?s)^'.*' does not match pattern '(.*)'$`), "does not have the form $1"},
	}
})

// namesItself matches messages that name the key themselves.
var namesItself = regexp.MustCompile(`^(unknown key )?"`)

// describe words a message about the value at a path.
func describe(path []any, message string) string {
	if len(path) == 0 || namesItself.MatchString(message) {
		return message
	}
	for _, w := range wordings() {
		if w.from.MatchString(message) {
			message = w.from.ReplaceAllString(message, w.to)
			break
		}
	}
	return fmt.Sprintf("%s %s", dotted(path), message)
}

// dotted writes a path as terms.minPayment or waivers[0].rule.
func dotted(path []any) string {
	var b bytes.Buffer
	for i, segment := range path {
		switch s := segment.(type) {
		case int:
			fmt.Fprintf(&b, "[%d]", s)
		default:
			if i > 0 {
				b.WriteByte('.')
			}
			fmt.Fprint(&b, s)
		}
	}
	return b.String()
}
