package importer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"unicode/utf8"

	"github.com/opengpu-network/templates/pkg/strictjson"
)

// MaxBytes is how large the JSON may be, in bytes.
const MaxBytes = 1 << 20

// python matches what Python writes and JSON does not have: quotes, literals, and
// the SDK's own code.
var python = regexp.MustCompile(`[{,[]\s*'|:\s*(True|False|None)\b|\b(SourceInfo|ImageEnvironments|DeliveryMethod|Web3)\b|(?m)^\s*(import|from)\s|^\s*\w+\s*=\s*[{\w]`)

// object reads a JSON object within the limits. Numbers stay the text that they
// are written as.
func object(data []byte) (map[string]any, error) {
	if len(data) > MaxBytes {
		return nil, fmt.Errorf("it is larger than %d bytes", MaxBytes)
	}
	// Some editors write it. JSON does not have it.
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, errors.New("it is empty")
	}
	var whole json.RawMessage
	if err := strictjson.Unmarshal(data, &whole); err != nil {
		return nil, explain(data, err)
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	members, ok := value.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("it is %s: write one object, {\"name\": …}", kind(value))
	}
	return members, nil
}

// explain says where text is no JSON, and what to do when it is Python.
func explain(data []byte, err error) error {
	if !utf8.Valid(data) {
		return errors.New("it is not UTF-8 text: save it as UTF-8")
	}
	var syntax *json.SyntaxError
	var ignored json.RawMessage
	if !errors.As(json.Unmarshal(data, &ignored), &syntax) {
		return err
	}
	before := data[:min(max(int(syntax.Offset)-1, 0), len(data))]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
	if !python.Match(data) {
		return fmt.Errorf("it is no JSON at line %d, column %d: %v", line, column, syntax)
	}
	return fmt.Errorf("it is Python, not JSON (line %d, column %d), and no Python is run here. Python prints a dictionary as JSON so:\n"+
		"  python -c \"import json; from your_file import config; print(json.dumps(config))\"\n"+
		"and a SourceInfo with json.dumps(dataclasses.asdict(source_info), default=str)", line, column)
}

// kind says what a JSON value is.
func kind(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case bool:
		return "true or false"
	case json.Number:
		return "a number"
	case string:
		return "text"
	case []any:
		return "a list"
	default:
		return "an object"
	}
}
