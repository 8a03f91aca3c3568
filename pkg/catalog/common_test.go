package catalog

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// readCommon reads the literals that JSON and Python have in common, and
// refuses everything that only one of them knows or that they read otherwise:
// true, false, null, single quotes, other escapes than \" \\ \n \r \t \b \f
// and \u for what is no surrogate, raw control characters, numbers that are
// not finite, trailing commas, comments.
func readCommon(text string) (any, error) {
	r := &commonReader{text: text}
	value, err := r.value()
	if err == nil && strings.TrimLeft(r.text, " ") != "" {
		err = fmt.Errorf("something follows: %q", r.text)
	}
	return value, err
}

type commonReader struct{ text string }

// next skips spaces and takes prefix when it is there.
func (r *commonReader) next(prefix string) bool {
	r.text = strings.TrimLeft(r.text, " ")
	rest, ok := strings.CutPrefix(r.text, prefix)
	if ok {
		r.text = rest
	}
	return ok
}

func (r *commonReader) value() (any, error) {
	switch {
	case r.next("{"):
		object := map[string]any{}
		for first := true; !r.next("}"); first = false {
			if !first && !r.next(",") {
				return nil, errors.New("a comma is missing")
			}
			if !r.next(`"`) {
				return nil, errors.New("a key is missing")
			}
			key, err := r.str()
			if err != nil {
				return nil, err
			}
			if _, twice := object[key]; twice || !r.next(":") {
				return nil, errors.New("a key stands twice, or has no value")
			}
			if object[key], err = r.value(); err != nil {
				return nil, err
			}
		}
		return object, nil
	case r.next("["):
		list := []any{}
		for !r.next("]") {
			if len(list) > 0 && !r.next(",") {
				return nil, errors.New("a comma is missing")
			}
			item, err := r.value()
			if err != nil {
				return nil, err
			}
			list = append(list, item)
		}
		return list, nil
	case r.next(`"`):
		return r.str()
	default:
		end := strings.IndexAny(r.text+",", ",]} ")
		number := r.text[:end]
		r.text = r.text[end:]
		if !numberPattern.MatchString(number) {
			return nil, fmt.Errorf("%q is no number", number)
		}
		return strconv.ParseFloat(number, 64)
	}
}

func (r *commonReader) str() (string, error) {
	var b strings.Builder
	for r.text != "" {
		c, size := utf8.DecodeRuneInString(r.text)
		r.text = r.text[size:]
		switch {
		case c == '"':
			return b.String(), nil
		case c < ' ' || c == utf8.RuneError && size == 1:
			return "", fmt.Errorf("raw character %#x", c)
		case c != '\\':
			b.WriteRune(c)
			continue
		}
		if r.text == "" {
			break
		}
		escape := r.text[0]
		r.text = r.text[1:]
		switch i := strings.IndexByte(`"\nrtbf`, escape); {
		case i >= 0:
			b.WriteByte("\"\\\n\r\t\b\f"[i])
		case escape == 'u' && len(r.text) >= 4:
			n, err := strconv.ParseUint(r.text[:4], 16, 16)
			if err != nil || n >= 0xd800 && n <= 0xdfff {
				return "", fmt.Errorf("escape \\u%s", r.text[:4])
			}
			b.WriteRune(rune(n))
			r.text = r.text[4:]
		default:
			return "", fmt.Errorf("escape \\%c", escape)
		}
	}
	return "", errors.New("a string does not end")
}
