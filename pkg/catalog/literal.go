package catalog

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// This file writes the part of JSON that Python reads as the same literal:
// objects, arrays, finite numbers, and strings with no other escapes than
// those that both have. Left out are true, false and null, which Python spells
// otherwise, and pairs of \u surrogates, which Python does not join.

// member is one member of a JSON object; the value is ready to be written.
type member struct{ name, literal string }

// literal writes a parameter's value. The error completes "the value …".
func (v Value) literal() (string, error) {
	switch v.parameterType {
	case StringType:
		return quote(v.text), nil
	case IntegerType, NumberType:
		return v.text, nil
	default:
		return "", errors.New("is a boolean, which JSON and Python write differently")
	}
}

// quote writes a string. Non-ASCII characters stay as they are.
func quote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

func writeObject(members []member) string {
	parts := make([]string, 0, len(members))
	for _, m := range members {
		parts = append(parts, quote(m.name)+": "+m.literal)
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// parseObject reads a JSON object in the order in which it is written and
// writes each value anew. The error completes "the variable …".
func parseObject(text string) ([]member, error) {
	if !json.Valid([]byte(text)) {
		return nil, errors.New("holds no valid JSON, so no member of it can be set")
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return nil, errors.New("holds no JSON object, so no member of it can be set")
	}
	return readMembers(decoder)
}

func readMembers(decoder *json.Decoder) ([]member, error) {
	var members []member
	seen := map[string]bool{}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		key, _ := name.(string)
		if seen[key] {
			return nil, fmt.Errorf("holds a JSON object with the member %q twice", key)
		}
		seen[key] = true
		literal, err := readLiteral(decoder)
		if err != nil {
			return nil, err
		}
		members = append(members, member{key, literal})
	}
	_, err := decoder.Token()
	return members, err
}

func readLiteral(decoder *json.Decoder) (string, error) {
	token, err := decoder.Token()
	if err != nil {
		return "", err
	}
	switch v := token.(type) {
	case string:
		return quote(v), nil
	case json.Number:
		if _, err := strconv.ParseFloat(v.String(), 64); err != nil {
			return "", errors.New("holds a number that is too large")
		}
		return v.String(), nil
	case json.Delim:
		if v == '{' {
			members, err := readMembers(decoder)
			return writeObject(members), err
		}
		var items []string
		for decoder.More() {
			item, err := readLiteral(decoder)
			if err != nil {
				return "", err
			}
			items = append(items, item)
		}
		_, err := decoder.Token()
		return "[" + strings.Join(items, ", ") + "]", err
	case bool:
		return "", fmt.Errorf("holds the JSON value %t, which Python writes differently", v)
	case nil:
		return "", errors.New("holds the JSON value null, which Python writes differently")
	default:
		return "", io.ErrUnexpectedEOF
	}
}
