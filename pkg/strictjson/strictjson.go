// Package strictjson reads JSON that must mean the same to every reader: where
// two programs could read different things, it reads nothing.
package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// MaxDepth is how deep arrays and objects may nest.
const MaxDepth = 64

// Unmarshal reads one JSON value into v as encoding/json does. It refuses text
// that is no UTF-8, text behind the value, values that nest deeper than
// MaxDepth, and keys of one object that are the same or differ in case only.
// How large the text may be is for the caller to limit.
func Unmarshal(data []byte, v any) error {
	if !utf8.Valid(data) {
		return errors.New("it is not UTF-8")
	}
	if err := check(data); err != nil {
		return err
	}
	return json.Unmarshal(data, v)
}

// check walks through the text without recursion.
func check(data []byte) error {
	// open are the keys seen so far of each object around; nil is an array.
	var open []map[string]bool
	// isKey is true when the next text is a key.
	isKey := false
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return nil // json.Unmarshal says what is missing
		}
		if err != nil {
			return err
		}
		switch token {
		case json.Delim('{'):
			open = append(open, map[string]bool{})
		case json.Delim('['):
			open = append(open, nil)
		case json.Delim('}'), json.Delim(']'):
			open = open[:len(open)-1]
		default:
			if key, ok := token.(string); ok && isKey {
				// Readers may not tell keys apart that differ in case only.
				folded := strings.ToLower(strings.ToUpper(key))
				if open[len(open)-1][folded] {
					return fmt.Errorf("the key %.60q stands twice in one object", key)
				}
				open[len(open)-1][folded] = true
				isKey = false
				continue
			}
		}
		if len(open) > MaxDepth {
			return fmt.Errorf("it nests deeper than %d levels", MaxDepth)
		}
		isKey = len(open) > 0 && open[len(open)-1] != nil
	}
}
